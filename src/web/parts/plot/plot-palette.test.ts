import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const CSS = readFileSync(new URL('plot.css', import.meta.url), 'utf8');
const APART_MIN = 10;

type Triple = readonly [number, number, number];

/** Machado, Oliveira and Fernandes (2009), of linear RGB, for eyes that lack a kind of cone altogether. */
const SIGHTS: Readonly<Record<string, readonly Triple[] | undefined>> = {
  'all colours': undefined,
  'no red (protan)': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'no green (deutan)': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** The colours of the five tones, light and dark. */
function palette(dark: boolean): readonly Triple[] {
  const found = [...CSS.matchAll(/--plot-\d: light-dark\((#\w{6}), (#\w{6})\)/g)];
  return found.map(([, light = '', night = '']) => linear(dark ? night : light));
}

function linear(hex: string): Triple {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return [red, green, blue];
}

function seenBy(colour: Triple, sight: readonly Triple[] | undefined): Triple {
  if (sight === undefined) return colour;
  const [red = 0, green = 0, blue = 0] = sight.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, part, at) => sum + part * (colour[at] ?? 0), 0),
      ),
    ),
  );
  return [red, green, blue];
}

/** CIE 1976 L*a*b*, under D65. */
function lab([red, green, blue]: Triple): Triple {
  const [x, y, z] = [
    (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
    0.2126 * red + 0.7152 * green + 0.0722 * blue,
    (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
  ].map((part) => (part > 216 / 24_389 ? Math.cbrt(part) : (24_389 / 27 / 116) * part + 16 / 116));
  return [116 * (y ?? 0) - 16, 500 * ((x ?? 0) - (y ?? 0)), 200 * ((y ?? 0) - (z ?? 0))];
}

function apart(a: Triple, b: Triple): number {
  return Math.hypot(...a.map((part, at) => part - (b[at] ?? 0)));
}

describe.each(Object.keys(SIGHTS))('the colours of plots, for eyes that see %s', (name) => {
  it.each([false, true])('are apart from each other (dark: %s)', (dark) => {
    const seen = palette(dark).map((colour) => lab(seenBy(colour, SIGHTS[name])));
    expect(seen).toHaveLength(5);
    const close = seen.flatMap((a, at) =>
      seen.slice(at + 1).flatMap((b, after) => {
        const distance = apart(a, b);
        return distance < APART_MIN ? [`${at + 1} and ${at + after + 2}: ${distance.toFixed(1)}`] : [];
      }),
    );
    expect(close).toEqual([]);
  });
});
