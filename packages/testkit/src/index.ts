export { FakeMediaPlane, type FakeMediaPlaneOptions } from './fake-media-plane.ts';
