//! Floats: the shortest of three widths that keeps the value, and back.

/// A float in its shortest form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shortest {
    Half(u16),
    Single(u32),
    Double(u64),
}

/// The shortest form of a number that is no NaN.
#[inline]
pub(super) fn shortest(number: f64) -> Shortest {
    let single = number as f32;
    if f64::from(single).to_bits() != number.to_bits() {
        return Shortest::Double(number.to_bits());
    }
    half(single).map_or(Shortest::Single(single.to_bits()), Shortest::Half)
}

/// The same number in 16 bits (1 sign, 5 exponent, 10 fraction), if nothing is lost.
fn half(single: f32) -> Option<u16> {
    let bits = single.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let exponent = ((bits >> 23) & 0xff) as i32 - 127;
    let fraction = bits & 0x7f_ffff;
    match exponent {
        128 => Some(sign | 0x7c00),
        -127 if fraction == 0 => Some(sign),
        -14..=15 if fraction & 0x1fff == 0 => {
            Some(sign | ((exponent + 15) as u16) << 10 | (fraction >> 13) as u16)
        }
        // Below 2^-14 a half counts in units of 2^-24.
        -24..=-15 => {
            let full = fraction | 0x80_0000;
            let shift = (-exponent - 1) as u32;
            (full & ((1 << shift) - 1) == 0).then_some(sign | (full >> shift) as u16)
        }
        _ => None,
    }
}

/// The number that 16 bits stand for; a NaN for some.
pub(super) fn from_half(bits: u16) -> f64 {
    let exponent = (bits >> 10) & 0x1f;
    let fraction = bits & 0x3ff;
    let size = match exponent {
        0 => f64::from(fraction) / f64::from(1 << 24),
        31 if fraction == 0 => f64::INFINITY,
        31 => f64::NAN,
        _ => f64::from_bits((u64::from(exponent) + 1008) << 52 | u64::from(fraction) << 42),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}
