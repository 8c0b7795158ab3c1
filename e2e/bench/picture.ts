/** What both flows ask of the camera. */
export const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20 } };
