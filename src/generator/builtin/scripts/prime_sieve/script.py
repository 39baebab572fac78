"""{{title}}: prime numbers by a segmented sieve.

usage: script.py [LIMIT]          all primes up to LIMIT
       script.py --first COUNT    the first COUNT primes

The sieve works through blocks that fit the processor's cache, so its memory does not grow with the limit: only the
primes up to the square root are kept. Writes primes.txt beside it, at most PRINT_MAX of them.
"""

import math
import re
import sys
import time

LIMIT, FIRST = int("{{limit}}"), int("{{first}}")
LIMIT_MAX, FIRST_MAX = 100_000_000, 5_000_000
BLOCK = 1 << 18
PRINT_MAX = 100_000
PROGRESS_SECONDS = 0.5


def main():
    limit, first = options(sys.argv[1:])
    if first:
        # Rosser: the n-th prime is below n (ln n + ln ln n) from n = 6 on.
        limit = 15 if first < 6 else int(first * (math.log(first) + math.log(math.log(first)))) + 1
        print(f"The first {first:,} primes, all below {limit:,}\n", flush=True)
    else:
        print(f"All primes up to {limit:,}\n", flush=True)
    begin = time.perf_counter()
    count, kept, last, twins, gap = search(limit, first, begin)
    took = time.perf_counter() - begin
    if not count:
        print("There are none.")
        return
    print("first:   " + ", ".join(map(str, kept[:12])) + (", …" if count > 12 else ""))
    print("last:    " + ("…, " if count > 12 else "") + ", ".join(map(str, last)))
    print(f"count:   {count:,}")
    print(f"twins:   {twins:,} pairs with a distance of 2")
    print(f"gap:     {gap[0]} between {gap[1]:,} and {gap[1] + gap[0]:,} is the widest" if gap[0] else "gap:     –")
    print(f"density: 1 in {limit / count:.2f} numbers; the prime number theorem says about 1 in {max(math.log(limit) - 1, 1):.2f}")
    print(f"time:    {took:.3f} s")
    with open("primes.txt", "w", encoding="ascii") as file:
        file.write("\n".join(map(str, kept)) + "\n")
    print("\n" + ("All" if count == len(kept) else f"The first {len(kept):,}") + " of them are in primes.txt.")


def search(limit, first, begin):
    """(count, the first PRINT_MAX, the last few, twin pairs, (widest gap, its lower end))"""
    count, kept, last, twins, gap, before, told = 0, [], [], 0, (0, 0), None, begin
    for block in blocks(limit):
        if first and count + len(block) > first:
            block = block[:first - count]
        if not block:
            continue
        count += len(block)
        kept += block[:PRINT_MAX - len(kept)]
        last = (last + block[-12:])[-12:]
        chain = block if before is None else [before] + block
        steps = [high - low for low, high in zip(chain, chain[1:])]
        twins += steps.count(2)
        widest = max(steps, default=0)
        if widest > gap[0]:
            gap = (widest, chain[steps.index(widest)])
        before = block[-1]
        if time.perf_counter() - told > PROGRESS_SECONDS:
            told = time.perf_counter()
            print(f"  … {count:,} found up to {before:,}", flush=True)
        if first and count >= first:
            break
    return count, kept, last, twins, gap


def blocks(limit):
    """The primes up to `limit`, a list for each block of 2 × BLOCK numbers. Only odd numbers are kept in a block."""
    if limit >= 2:
        yield [2]
    base = small_primes(math.isqrt(limit))
    for low in range(3, limit + 1, 2 * BLOCK):
        size = min(BLOCK, (limit - low) // 2 + 1)
        odd = bytearray(b"\1") * size
        for prime in base:
            if prime * prime > low + 2 * size:
                break
            start = max(prime * prime, (low + prime - 1) // prime * prime)
            start += prime if start % 2 == 0 else 0
            at = (start - low) // 2
            if at < size:
                odd[at::prime] = bytes((size - at - 1) // prime + 1)
        yield [low + 2 * at for at in range(size) if odd[at]] if size < 64 else list(marked(odd, low))


def marked(odd, low):
    at = odd.find(1)
    while at >= 0:
        yield low + 2 * at
        at = odd.find(1, at + 1)


def small_primes(limit):
    """Odd primes up to `limit`."""
    sieve = bytearray(b"\1") * (limit + 1)
    for number in range(3, math.isqrt(limit) + 1, 2):
        if sieve[number]:
            sieve[number * number::2 * number] = bytes((limit - number * number) // (2 * number) + 1)
    return [number for number in range(3, limit + 1, 2) if sieve[number]]


def options(args):
    if not args:
        return LIMIT, FIRST
    first = args[0] == "--first"
    text = args[-1].replace(",", "").replace("_", "")
    most = FIRST_MAX if first else LIMIT_MAX
    if len(args) != 1 + first or not re.fullmatch(r"[0-9]{1,12}", text) or not 1 <= int(text) <= most:
        sys.exit(f"usage: script.py [LIMIT]         1 to {LIMIT_MAX:,}\n       script.py --first COUNT   1 to {FIRST_MAX:,}")
    return (0, int(text)) if first else (int(text), 0)


if __name__ == "__main__":
    main()
