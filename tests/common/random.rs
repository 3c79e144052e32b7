//! Random numbers that are the same on every run (xorshift64*).

#![allow(dead_code, reason = "each test uses its own part")]

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        // Zero would stay zero.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number below `count`, which is not 0.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next()).unwrap_or(0) % count
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Picks by weight.
    pub fn weighted<T: Copy>(&mut self, all: &[(usize, T)]) -> T {
        let total = all.iter().map(|(weight, _)| weight).sum();
        let mut at = self.below(total);
        for (weight, value) in all {
            if at < *weight {
                return *value;
            }
            at -= weight;
        }
        all[0].1
    }
}
