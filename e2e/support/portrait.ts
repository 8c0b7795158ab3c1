type Rgb = readonly [red: number, green: number, blue: number];

/** Somebody before a wall, drawn plainly: for pictures that people look at. */
export interface Portrait {
  readonly wall: Rgb;
  readonly hair: Rgb;
  readonly skin: Rgb;
  readonly shirt: Rgb;
}

interface Shape {
  /** Below 1 inside, above outside; the edge is drawn soft. */
  readonly distance: (x: number, y: number) => number;
  readonly colour: Rgb;
  /** How soft, in the same measure. */
  readonly edge: number;
}

/** A Y4M file of one frame that shows it. `x` and `y` below go from 0 to 1 over the height of the picture. */
export function portraitY4m(
  portrait: Portrait,
  { width, height }: { width: number; height: number },
): Buffer {
  const middle = width / height / 2;
  const shapes = shapesOf(portrait, middle);
  const planes = [
    Buffer.alloc(width * height),
    Buffer.alloc((width * height) / 4),
    Buffer.alloc((width * height) / 4),
  ];
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const [x, y] = [column / height, row / height];
      const [luma, blueness, redness] = yuv(
        shapes.reduce((under, shape) => paint(under, shape, x, y), wallAt(portrait.wall, x, y)),
      );
      planes[0]?.writeUInt8(luma, row * width + column);
      if (row % 2 === 1 || column % 2 === 1) continue;
      const at = (row / 2) * (width / 2) + column / 2;
      planes[1]?.writeUInt8(blueness, at);
      planes[2]?.writeUInt8(redness, at);
    }
  }
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F20:1 Ip A1:1 C420jpeg\n`);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), ...planes]);
  return Buffer.concat([head, frame, frame]);
}

function shapesOf({ hair, skin, shirt }: Portrait, middle: number): Shape[] {
  const ellipse = (x: number, y: number, across: number, down: number) => (atX: number, atY: number) =>
    Math.hypot((atX - middle - x) / across, (atY - y) / down);
  return [
    { distance: ellipse(0, 0.45, 0.2, 0.3), colour: hair, edge: 0.03 },
    { distance: ellipse(0, 0.72, 0.075, 0.16), colour: shade(skin, 0.86), edge: 0.06 },
    { distance: ellipse(0, 1.16, 0.44, 0.4), colour: shirt, edge: 0.02 },
    { distance: ellipse(0, 0.47, 0.145, 0.2), colour: skin, edge: 0.03 },
    { distance: ellipse(0.02, 0.27, 0.17, 0.1), colour: hair, edge: 0.06 },
    { distance: ellipse(-0.055, 0.46, 0.014, 0.018), colour: [50, 40, 40], edge: 0.2 },
    { distance: ellipse(0.055, 0.46, 0.014, 0.018), colour: [50, 40, 40], edge: 0.2 },
    { distance: smile(middle), colour: [172, 74, 76], edge: 0.3 },
  ];
}

/** A bow below the eyes. */
function smile(middle: number) {
  return (x: number, y: number): number => {
    const along = (x - middle) / 0.055;
    return Math.abs(along) > 1 ? 9 : Math.abs(y - 0.575 + 0.022 * along * along) / 0.007;
  };
}

/** Light falls on it from the left. */
function wallAt(wall: Rgb, x: number, y: number): Rgb {
  return shade(wall, 1.08 - 0.2 * x - 0.12 * y);
}

function paint(under: Rgb, { distance, colour, edge }: Shape, x: number, y: number): Rgb {
  const cover = Math.min(1, Math.max(0, (1 + edge - distance(x, y)) / (2 * edge)));
  const lit = shade(colour, 1.1 - 0.16 * x);
  return [mix(under[0], lit[0], cover), mix(under[1], lit[1], cover), mix(under[2], lit[2], cover)];
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function shade([red, green, blue]: Rgb, light: number): Rgb {
  return [red * light, green * light, blue * light];
}

/** BT.601, limited range. */
function yuv([red, green, blue]: Rgb): Rgb {
  const byte = (value: number): number => Math.min(235, Math.max(16, Math.round(value)));
  return [
    byte(16 + 0.257 * red + 0.504 * green + 0.098 * blue),
    byte(128 - 0.148 * red - 0.291 * green + 0.439 * blue),
    byte(128 + 0.439 * red - 0.368 * green - 0.071 * blue),
  ];
}
