import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { createLineReader, type LineReader, type LineReaderOptions, type ReadBytes } from "../../src/text/lines.js";

interface Source {
  readonly read: ReadBytes;
  /** Every buffer that the reader ever handed out. */
  readonly buffers: Set<Uint8Array>;
  delivered: number;
  calls: number;
}

interface FoundLine {
  readonly content: number[];
  readonly truncated: boolean;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Delivers `input` in chunks of the given sizes, over and over. */
function createSource(input: Uint8Array, chunkSizes: readonly number[] = [1 << 20]): Source {
  const source: Source = {
    buffers: new Set(),
    delivered: 0,
    calls: 0,
    read(into, start, length) {
      source.buffers.add(into);
      const count = Math.min(length, chunkSizes[source.calls++ % chunkSizes.length], input.length - source.delivered);
      into.set(input.subarray(source.delivered, source.delivered + count), start);
      source.delivered += count;
      return count;
    },
  };
  return source;
}

const currentContent = ({ line }: LineReader): number[] => [...line.bytes.subarray(line.start, line.end)];

function readAll(source: Source, options?: LineReaderOptions): FoundLine[] {
  const reader = createLineReader(source.read, options);
  const lines: FoundLine[] = [];
  while (reader.next()) {
    lines.push({ content: currentContent(reader), truncated: reader.line.truncated });
    expect(reader.line.number).toBe(lines.length);
  }
  return lines;
}

/** The same lines, found the plain way, each with the offset after it. */
function splitPlainly(input: Uint8Array, maximumLineBytes: number): (FoundLine & { following: number })[] {
  const lines = [];
  let start = input[0] === 0xef && input[1] === 0xbb && input[2] === 0xbf ? 3 : 0;
  while (start < input.length) {
    const lineFeed = input.indexOf(10, start);
    const following = lineFeed < 0 ? input.length : lineFeed + 1;
    let content = [...input.subarray(start, lineFeed < 0 ? input.length : lineFeed)];
    if (lineFeed >= 0 && content.at(-1) === 13) content.pop();
    const truncated = content.length > maximumLineBytes;
    content = content.slice(0, maximumLineBytes);
    lines.push({ content, truncated, following });
    start = following;
  }
  return lines;
}

const nonZeroBytes = (buffers: Iterable<Uint8Array>): number => {
  let count = 0;
  for (const buffer of buffers) for (const byte of buffer) if (byte !== 0) count++;
  return count;
};

describe("createLineReader", () => {
  it.each<[string, string, string[]]>([
    ["nothing", "", []],
    ["one line", "a\n", ["a"]],
    ["a last line without an ending", "a\nb", ["a", "b"]],
    ["CRLF", "a\r\nb\r\n", ["a", "b"]],
    ["empty lines", "\n\r\n\na", ["", "", "", "a"]],
    ["a CR inside a line", "a\rb\n", ["a\rb"]],
    ["two CR before LF", "a\r\r\n", ["a\r"]],
    ["a CR at the very end", "a\r", ["a\r"]],
    ["NUL", "a\0b\n\0", ["a\0b", "\0"]],
    ["a byte order mark", "\xef\xbb\xbfa\nb", ["a", "b"]],
    ["only a byte order mark", "\xef\xbb\xbf", []],
    ["a byte order mark and a newline", "\xef\xbb\xbf\n", [""]],
    ["a second byte order mark", "\xef\xbb\xbf\xef\xbb\xbfa", ["\xef\xbb\xbfa"]],
    ["a byte order mark on the second line", "a\n\xef\xbb\xbfb", ["a", "\xef\xbb\xbfb"]],
    ["a third of a byte order mark", "\xef", ["\xef"]],
    ["two thirds of a byte order mark", "\xef\xbb\na", ["\xef\xbb", "a"]],
  ])("%s", (_, input, lines) => {
    for (const chunkSizes of [[1], [2], [3], [100]]) {
      const found = readAll(createSource(bytesOf(input), chunkSizes));
      expect(found).toEqual(lines.map((line) => ({ content: [...bytesOf(line)], truncated: false })));
    }
  });

  it.each<[string, string, [string, boolean][]]>([
    [
      "a line at the limit",
      "abcd\ne",
      [
        ["abcd", false],
        ["e", false],
      ],
    ],
    [
      "a line at the limit before CRLF",
      "abcd\r\ne",
      [
        ["abcd", false],
        ["e", false],
      ],
    ],
    ["a line at the limit at the end", "abcd", [["abcd", false]]],
    ["a CR over the limit that ends no line", "abcd\re\n", [["abcd", true]]],
    ["a CR over the limit at the end", "abcd\r", [["abcd", true]]],
    [
      "one byte over",
      "abcde\nf",
      [
        ["abcd", true],
        ["f", false],
      ],
    ],
    ["one byte over at the end", "abcde", [["abcd", true]]],
    [
      "far over",
      `${"abcd".repeat(50)}\r\nf\n`,
      [
        ["abcd", true],
        ["f", false],
      ],
    ],
    [
      "a CR just inside the limit of a longer line",
      `abc\r${"x".repeat(20)}\nf`,
      [
        ["abc\r", true],
        ["f", false],
      ],
    ],
    [
      "two long lines",
      `${"a".repeat(99)}\n${"b".repeat(99)}\nc`,
      [
        ["aaaa", true],
        ["bbbb", true],
        ["c", false],
      ],
    ],
  ])("keeps the beginning of a long line: %s", (_, input, lines) => {
    for (const chunkSizes of [[1], [2], [5], [100]]) {
      for (const bufferBytes of [1, 2, 7, 64]) {
        const found = readAll(createSource(bytesOf(input), chunkSizes), { maximumLineBytes: 4, bufferBytes });
        expect(found).toEqual(lines.map(([content, truncated]) => ({ content: [...bytesOf(content)], truncated })));
      }
    }
  });

  const anyInput = fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom("\n", "\r\n", "\r", "\xef\xbb\xbf", "\xef", "\xbb") },
        { weight: 5, arbitrary: fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)) },
        { weight: 2, arbitrary: fc.integer({ min: 1, max: 70 }).map((count) => "x".repeat(count)) },
      ),
      { maxLength: 60 },
    )
    .map((pieces) => bytesOf(pieces.join("")));
  const anyChunkSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
  const anyLimits = fc.record({
    maximumLineBytes: fc.integer({ min: 1, max: 80 }),
    bufferBytes: fc.integer({ min: 1, max: 48 }),
  });

  it("finds the lines of any bytes in any chunks", () => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 14 }), anyInput, anyChunkSizes, anyLimits, (head, tail, chunkSizes, limits) => {
        for (const input of [tail, Uint8Array.of(...head, ...tail)]) {
          const expected = splitPlainly(input, limits.maximumLineBytes);
          const found = readAll(createSource(input, chunkSizes), limits);
          expect(found).toEqual(expected.map(({ content, truncated }) => ({ content, truncated })));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("leaves nothing of a handled line in any buffer and nothing at all after close", () => {
    fc.assert(
      fc.property(
        anyInput,
        anyChunkSizes,
        anyLimits,
        fc.boolean(),
        fc.boolean(),
        (input, chunkSizes, limits, wipesEarly, readsToEnd) => {
          const source = createSource(input, chunkSizes);
          const reader = createLineReader(source.read, limits);
          const expected = splitPlainly(input, limits.maximumLineBytes);
          let handledEnd = 0;
          for (const { content, truncated, following } of expected) {
            expect(reader.next()).toBe(true);
            // No input byte is zero, so what is not zero is what was read and not wiped.
            if (!truncated) {
              const isMarked = handledEnd === 0 && input[0] === 0xef && input[1] === 0xbb && input[2] === 0xbf;
              const lineStart = isMarked ? 3 : handledEnd;
              expect(nonZeroBytes(source.buffers)).toBe(source.delivered - lineStart);
            }
            expect(currentContent(reader)).toEqual(content);
            handledEnd = following;
            if (!wipesEarly) continue;
            reader.wipeLine();
            expect(reader.line.end).toBe(reader.line.start);
            expect(nonZeroBytes(source.buffers)).toBe(source.delivered - following);
          }
          if (readsToEnd) {
            expect(reader.next()).toBe(false);
            expect(nonZeroBytes(source.buffers)).toBe(0);
          }
          reader.close();
          expect(nonZeroBytes(source.buffers)).toBe(0);
          expect(reader.next()).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("drops the bytes of a long line while it is still being read", () => {
    const limits = { maximumLineBytes: 10, bufferBytes: 8 };
    const source = createSource(new Uint8Array(1000).fill(0x61), [8]);
    const reader = createLineReader((into, start, length) => {
      const count = source.read(into, start, length);
      // Kept bytes, a CR that may follow, and two reads.
      expect(nonZeroBytes(source.buffers)).toBeLessThanOrEqual(10 + 1 + 2 * 8);
      return count;
    }, limits);
    expect(reader.next()).toBe(true);
    expect(reader.line.truncated).toBe(true);
  });

  it("does not grow past the limit and one read, and drops in whole reads", () => {
    const bufferBytes = 1024;
    // One short of a doubled buffer: the line leaves almost no room in it.
    const maximumLineBytes = 4 * bufferBytes - 2;
    const input = new Uint8Array(1_000_000).fill(0x61);
    const source = createSource(input);
    expect(readAll(source, { maximumLineBytes, bufferBytes })).toHaveLength(1);
    for (const buffer of source.buffers) expect(buffer.length).toBeLessThanOrEqual(maximumLineBytes + 2 + bufferBytes);
    expect(source.calls).toBeLessThan(input.length / bufferBytes + 10);
  });

  it("hands out a line before it asks for more", () => {
    const source = createSource(bytesOf("a\nb\n"), [2]);
    const reader = createLineReader(source.read);
    expect(reader.next()).toBe(true);
    expect(source.calls).toBe(1);
    expect(reader.next()).toBe(true);
    expect(source.calls).toBe(2);
  });

  it("does not read again after the end", () => {
    const source = createSource(bytesOf("a"));
    const reader = createLineReader(source.read);
    expect([reader.next(), reader.next(), reader.next()]).toEqual([true, false, false]);
    expect(source.calls).toBe(2);
  });

  it("goes on where it was after a read that failed", () => {
    for (const failingCall of [0, 1, 2, 3, 4, 5, 6]) {
      const source = createSource(bytesOf("abcdefgh\nij\nkl"), [3]);
      let calls = 0;
      const reader = createLineReader(
        (into, start, length) => {
          if (calls++ === failingCall) throw new RangeError();
          return source.read(into, start, length);
        },
        { maximumLineBytes: 4, bufferBytes: 2 },
      );
      const found: FoundLine[] = [];
      for (;;) {
        try {
          if (!reader.next()) break;
          found.push({ content: currentContent(reader), truncated: reader.line.truncated });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          reader.wipeLine();
        }
      }
      expect(found).toEqual([
        { content: [...bytesOf("abcd")], truncated: true },
        { content: [...bytesOf("ij")], truncated: false },
        { content: [...bytesOf("kl")], truncated: false },
      ]);
    }
  });

  it("finds the same lines in a source that cannot wait", () => {
    const byte = fc.oneof({ weight: 4, arbitrary: fc.nat(255) }, fc.constantFrom(10, 13, 0xef, 0xbb, 0xbf));
    const input = fc.oneof(
      fc.array(byte),
      fc.array(byte).map((bytes) => [0xef, 0xbb, 0xbf, ...bytes]),
    );
    fc.assert(
      fc.property(
        input,
        fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        (bytes, counts, limit) => {
          const whole = createSource(Uint8Array.from(bytes));
          let calls = 0;
          let isOver = false;
          const reader = createLineReader(
            (into, start, length) => {
              const count = counts[calls++ % counts.length] || -1;
              if (count < 0 && whole.delivered < bytes.length) return -1;
              const delivered = whole.read(into, start, Math.max(1, Math.min(length, count)));
              isOver = delivered === 0;
              return delivered;
            },
            { maximumLineBytes: limit, bufferBytes: 4 },
          );
          const found: FoundLine[] = [];
          // A source that only ever has nothing yet would be asked for ever.
          fc.pre(counts.some((count) => count > 0));
          for (;;) {
            if (reader.next()) found.push({ content: currentContent(reader), truncated: reader.line.truncated });
            else if (isOver) break;
          }
          expect(found).toEqual(
            readAll(createSource(Uint8Array.from(bytes)), { maximumLineBytes: limit, bufferBytes: 4 }),
          );
        },
      ),
      {
        examples: [
          [[0xef, 0xbb, 0xbf, 10, 97], [1, -1], 5],
          [[0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 10], [3, -1], 5],
        ],
      },
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a limit of %s", (limit) => {
    for (const options of [{ maximumLineBytes: limit }, { bufferBytes: limit }]) {
      expect(() => createLineReader(() => 0, options)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
    }
    try {
      createLineReader(() => 0, { bufferBytes: limit });
      expect.unreachable();
    } catch (error) {
      expect(isEarshotError(error)).toBe(true);
    }
  });
});
