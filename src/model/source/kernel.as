/**
 * AssemblyScript: the compiled form of `writeFeatures` (text/features.ts) and `accumulate` (model/linear.ts), with the
 * same results to the last bit. `build-kernel.ts` compiles it. All memory is the caller's, nothing is allocated, and what
 * is written beside the results is zero again when a function returns.
 */

const EMPTY_HASH: u32 = 0x811c9dc5;
const PRIME: u32 = 0x01000193;
const NGRAM_SEED: u32 = 0x2f0b4c47;
const NEIGHBOUR: u32 = 0x5bd1e995;
const SKIP: u32 = 0x1b873593;
const SPREAD: u32 = 0x9e3779b1;
const WORDS: u32 = 0x80000000;
const NEAR: u32 = 0x40000000;
const REACH: i32 = 4;
const NGRAM_CHARACTERS: i32 = 5;
const NGRAM_BYTES: usize = 3;

/** Features that are looked up before their rows are added, and so the most rows of one family in a list. */
const CHUNK: usize = 1024;
/** Rows of 8-bit weights whose sums always fit into 16 bits: 256 times -128 just does. */
const ROWS_AT_ONCE: usize = 256;
/** Columns that are added in one go over the rows: five vectors of eight. */
const COLUMNS_AT_ONCE: i32 = 40;

@inline
function mix(state: u32): u32 {
  let hash = (state ^ (state >> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
  return hash ^ (hash >> 16);
}

/** Four n-grams of their states. */
@inline
function mixFour(state: v128): v128 {
  let hash = i32x4.mul(v128.xor(state, i32x4.shr_u(state, 16)), i32x4.splat(0x85ebca6b));
  hash = i32x4.mul(v128.xor(hash, i32x4.shr_u(hash, 13)), i32x4.splat(0xc2b2ae35));
  return v128.and(v128.xor(hash, i32x4.shr_u(hash, 16)), i32x4.splat(~WORDS));
}

@inline
function addByte(state: u32, byte: u32): u32 {
  return (state ^ byte) * PRIME;
}

/** Takes the lowest four bytes into four states. */
@inline
function addFour(states: v128, bytes: v128): v128 {
  const each = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
  return i32x4.mul(v128.xor(states, each), i32x4.splat(PRIME));
}

function hashBytes(start: usize, end: usize): u32 {
  let state = EMPTY_HASH;
  for (let at = start; at < end; at += 1) state = addByte(state, load<u8>(at));
  return state;
}

/**
 * All parameters but the numbers of words and the length are addresses. Writes up to 36 bytes more than the features
 * take, and zeroes them again.
 */
export function writeFeatures(
  bytes: usize,
  length: usize,
  wordStarts: usize,
  wordEnds: usize,
  wordCount: i32,
  first: i32,
  last: i32,
  into: usize,
): i32 {
  const textEnd = bytes + length;
  let out = into;
  // Hashes of the words before, the nearest first.
  let near: u32 = 0;
  let second: u32 = 0;
  let third: u32 = 0;
  let fourth: u32 = 0;
  for (let word = max(0, first - REACH); word < last; word += 1) {
    const start = bytes + load<u32>(wordStarts + (<usize>word << 2));
    const own = hashBytes(start, bytes + load<u32>(wordEnds + (<usize>word << 2)));
    if (word >= first) {
      out = write(out, mix(own) | WORDS | NEAR);
      if (word > 0) out = write(out, mix((near * NEIGHBOUR) ^ own) | WORDS | NEAR);
      if (word > 1) out = write(out, (mix((second * SKIP) ^ own) & ~NEAR) | WORDS);
      if (word > 2) out = write(out, (mix((third * SKIP) ^ own) & ~NEAR) | WORDS);
      if (word > 3) out = write(out, (mix((fourth * SKIP) ^ own) & ~NEAR) | WORDS);
      const end = word + 1 < wordCount ? bytes + load<u32>(wordStarts + (<usize>word << 2), 4) : textEnd;
      for (let at = start; at < end; ) {
        if (at + 8 <= textEnd && (load<u64>(at) & 0x8080808080808080) == 0) {
          writeNgramsOfFour(at, out);
          const starts = min<usize>(4, end - at);
          // What was written for starts beyond the word is overwritten by what follows.
          at += starts;
          out += starts * 12;
        } else {
          if (!isContinuation(load<u8>(at))) out = writeNgrams(at, textEnd, out);
          at += 1;
        }
      }
    }
    fourth = third;
    third = second;
    second = near;
    near = own;
  }
  v128.store(out, i32x4.splat(0));
  v128.store(out, i32x4.splat(0), 16);
  v128.store(out, i32x4.splat(0), 20);
  return <i32>((out - into) >> 2);
}

@inline
function write(out: usize, feature: u32): usize {
  store<u32>(out, feature);
  return out + 4;
}

@inline
function isContinuation(byte: u32): bool {
  return (byte & 0xc0) == 0x80;
}

/** The n-grams that begin at one character, whatever the script. */
function writeNgrams(start: usize, textEnd: usize, into: usize): usize {
  let out = into;
  let hash = NGRAM_SEED;
  let characters = 0;
  for (let at = start; at < textEnd; at += 1) {
    hash = addByte(hash, load<u8>(at));
    if (at + 1 < textEnd && isContinuation(load<u8>(at, 1))) continue;
    characters += 1;
    if (at + 1 - start >= NGRAM_BYTES) out = write(out, mix(hash) & ~WORDS);
    if (characters == NGRAM_CHARACTERS) break;
  }
  return out;
}

/** The n-grams of three, four and five letters that begin at each of four letters; eight must be ASCII. */
@inline
function writeNgramsOfFour(start: usize, out: usize): void {
  const letters = v128.load64_zero(start);
  let states = addFour(i32x4.splat(NGRAM_SEED), letters);
  states = addFour(states, i64x2.shr_u(letters, 8));
  states = addFour(states, i64x2.shr_u(letters, 16));
  const three = mixFour(states);
  states = addFour(states, i64x2.shr_u(letters, 24));
  const four = mixFour(states);
  states = addFour(states, i64x2.shr_u(letters, 32));
  const five = mixFour(states);
  // From one vector a length to one start after the other, as the plain form writes them.
  const low = v128.shuffle<u32>(three, four, 0, 4, 1, 5);
  const high = v128.shuffle<u32>(three, four, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<u32>(low, five, 0, 1, 4, 2));
  v128.store(out, v128.shuffle<u32>(v128.shuffle<u32>(low, five, 3, 5, 3, 5), high, 0, 1, 4, 5), 16);
  v128.store(out, v128.shuffle<u32>(high, five, 6, 2, 3, 7), 32);
}

/**
 * `slots`, `weights`, `features`, `sums` and `lists` are addresses; `lists` has room for three lists of `CHUNK` numbers and
 * one number more. Reads up to 40 bytes beyond the last row.
 */
export function accumulate(
  slots: usize,
  slotBits: u32,
  rowBits: u32,
  weights: usize,
  columns: i32,
  families: i32,
  features: usize,
  count: usize,
  sums: usize,
  lists: usize,
): void {
  const shift = 32 - slotBits;
  const lastSlot: u32 = (1 << slotBits) - 1;
  const rowMask: u32 = (1 << rowBits) - 1;
  const checkMask = i32x4.splat(~rowMask);
  const ngrams = lists;
  const pairs = ngrams + (CHUNK << 2);
  const words = pairs + (CHUNK << 2);
  const end = features + (count << 2);
  let at = features;
  while (at < end) {
    const stop = min(end, at + (CHUNK << 2));
    // The slots are far apart in a table that no near cache holds: asked for together, they arrive together.
    let touched: u32 = 0;
    for (let ahead = at; ahead < stop; ahead += 4)
      touched |= load<u32>(slots + (<usize>((load<u32>(ahead) * SPREAD) >> shift) << 2));
    store<u32>(ngrams, touched);

    let ngramsEnd = ngrams;
    let pairsEnd = pairs;
    let wordsEnd = words;
    for (; at < stop; at += 4) {
      const hash = load<u32>(at);
      const check = hash << rowBits;
      const slot = (hash * SPREAD) >> shift;
      let row: u32 = 0;
      let isFound = false;
      if (slot + 3 <= lastSlot) {
        const entries = v128.load(slots + (<usize>slot << 2));
        const same = i32x4.eq(v128.and(entries, checkMask), i32x4.splat(check));
        const ends = i32x4.bitmask(v128.or(i32x4.eq(entries, i32x4.splat(0)), same));
        isFound = ends != 0;
        // The row of an empty slot is 0. The bit added is for four slots without an end, whose row is not looked at.
        row = load<u32>(slots + (<usize>(slot + ctz(ends | 8)) << 2)) & rowMask;
      }
      if (!isFound) row = search(slots, slot, lastSlot, rowMask, check);
      // Written in any case, kept only if there is a row: a branch would be guessed wrongly too often.
      const address = weights + (row - 1) * <u32>columns;
      const step = <usize>(row != 0) << 2;
      if (families == 1 || hash < WORDS) {
        store<u32>(ngramsEnd, address);
        ngramsEnd += step;
      } else if (hash < WORDS + NEAR) {
        store<u32>(pairsEnd, address);
        pairsEnd += step;
      } else {
        store<u32>(wordsEnd, address);
        wordsEnd += step;
      }
    }
    addRows(ngrams, ngramsEnd, columns, sums);
    if (families > 1) addRows(pairs, pairsEnd, columns, sums + (<usize>columns << 2));
    if (families > 2) addRows(words, wordsEnd, columns, sums + (<usize>columns << 3));
    memory.fill(ngrams, 0, ngramsEnd + 4 - ngrams);
    memory.fill(pairs, 0, pairsEnd + 4 - pairs);
    memory.fill(words, 0, wordsEnd + 4 - words);
  }
}

/** Looks at one slot after the other, as `findRow` does; the row counted from 1, or 0. */
function search(slots: usize, home: u32, lastSlot: u32, rowMask: u32, check: u32): u32 {
  let slot = home;
  let entry = load<u32>(slots + (<usize>slot << 2));
  while (entry != 0 && (entry & ~rowMask) != check) {
    slot = slot == lastSlot ? 0 : slot + 1;
    entry = load<u32>(slots + (<usize>slot << 2));
  }
  return entry & rowMask;
}

/** Adds the rows whose addresses are listed to `columns` sums of 32 bits. */
function addRows(list: usize, listEnd: usize, columns: i32, sums: usize): void {
  for (let column = 0; column < columns; column += COLUMNS_AT_ONCE) {
    const to = sums + (<usize>column << 2);
    const left = columns - column;
    for (let at = list; at < listEnd; ) {
      const stop = min(listEnd, at + (ROWS_AT_ONCE << 2));
      let a = i16x8.splat(0);
      let b = i16x8.splat(0);
      let c = i16x8.splat(0);
      let d = i16x8.splat(0);
      let e = i16x8.splat(0);
      for (; at < stop; at += 4) {
        const row = <usize>load<u32>(at) + column;
        a = i16x8.add(a, v128.load8x8_s(row));
        b = i16x8.add(b, v128.load8x8_s(row, 8));
        c = i16x8.add(c, v128.load8x8_s(row, 16));
        d = i16x8.add(d, v128.load8x8_s(row, 24));
        e = i16x8.add(e, v128.load8x8_s(row, 32));
      }
      addSums(to, a, left);
      addSums(to + 32, b, left - 8);
      addSums(to + 64, c, left - 16);
      addSums(to + 96, d, left - 24);
      addSums(to + 128, e, left - 32);
    }
  }
}

function addSums(to: usize, sums: v128, columns: i32): void {
  addFourSums(to, i32x4.extend_low_i16x8_s(sums), columns);
  addFourSums(to + 16, i32x4.extend_high_i16x8_s(sums), columns - 4);
}

/** Columns that the model does not have hold weights of the next row: their sums are left alone. */
@inline
function addFourSums(to: usize, sums: v128, columns: i32): void {
  if (columns >= 4) {
    v128.store(to, i32x4.add(v128.load(to), sums));
    return;
  }
  if (columns > 0) store<i32>(to, load<i32>(to) + i32x4.extract_lane(sums, 0));
  if (columns > 1) store<i32>(to, load<i32>(to, 4) + i32x4.extract_lane(sums, 1), 4);
  if (columns > 2) store<i32>(to, load<i32>(to, 8) + i32x4.extract_lane(sums, 2), 8);
}
