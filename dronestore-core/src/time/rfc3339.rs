//! Nanotime as text: RFC 3339, both ways, by integers alone.

use super::nano::{NANOS_PER_SECOND, Nanotime, out_of_range};
use crate::error::{Error, Result};
use crate::quote::Quoted;
use std::fmt;
use std::str::FromStr;

const SECONDS_PER_DAY: i64 = 86_400;
/// Days in 400 years, after which the Gregorian calendar repeats.
const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01, where the first era begins, to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

/// UTC with nine digits of fraction, always: `2026-11-20T17:30:00.000000005Z`. So the order of texts is the order
/// of times.
impl fmt::Display for Nanotime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.as_secs(), self.as_nanos() % NANOS_PER_SECOND);
        // At most 18,446,744,073 seconds.
        let (days, second) = (seconds as i64 / SECONDS_PER_DAY, seconds as i64 % SECONDS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")
    }
}

impl fmt::Debug for Nanotime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nanotime({self})")
    }
}

impl FromStr for Nanotime {
    type Err = Error;

    /// Reads an RFC 3339 time: any offset, up to nine digits of fraction, `T` and `Z` in either case.
    ///
    /// # Errors
    /// [`InvalidTime`](crate::ErrorKind::InvalidTime), with the place, for any other text; for a leap second, which
    /// no Nanotime can name; and before 1970 and after 2554.
    fn from_str(text: &str) -> Result<Nanotime> {
        parse(text).map_err(|fault| {
            out_of_range(match fault {
                Fault::Here(at, problem) => format!("time {} {problem} at byte {at}", Quoted(text)),
                Fault::Range => format!("time {} is not between 1970 and 2554-07-21T23:34:33Z", Quoted(text)),
            })
        })
    }
}

/// What is wrong with a text: something at a byte, or all of it.
enum Fault {
    Here(usize, &'static str),
    Range,
}

fn parse(text: &str) -> Result<Nanotime, Fault> {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: 0 };
    let days = cursor.date()?;
    cursor.one_of(b"Tt", "has no `T`")?;
    let seconds = cursor.time_of_day()?;
    let nanos = cursor.fraction()?;
    let offset = cursor.offset()?;
    if cursor.at < text.len() {
        return Err(Fault::Here(cursor.at, "does not end"));
    }
    // Four digits of year: far from the limits of 64 bits.
    let seconds = u64::try_from(days * SECONDS_PER_DAY + seconds - offset).map_err(|_| Fault::Range)?;
    let whole = seconds.checked_mul(NANOS_PER_SECOND);
    whole.and_then(|whole| whole.checked_add(nanos)).map(Nanotime::from_nanos).ok_or(Fault::Range)
}

/// Reads a text from left to right.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// `2026-11-20`, as days since 1970.
    fn date(&mut self) -> Result<i64, Fault> {
        let year = self.number(4, 0..=9999, "has no year of four digits")?;
        self.one_of(b"-", "has no `-` after the year")?;
        let month = self.number(2, 1..=12, "has no month from 01 to 12")?;
        self.one_of(b"-", "has no `-` after the month")?;
        let day = self.number(2, 1..=days_in_month(year, month), "has no day of that month")?;
        Ok(days_from_civil(year, month, day))
    }

    /// `17:30:00`, as seconds since midnight.
    fn time_of_day(&mut self) -> Result<i64, Fault> {
        let hour = self.number(2, 0..=23, "has no hour from 00 to 23")?;
        self.one_of(b":", "has no `:` after the hour")?;
        let minute = self.number(2, 0..=59, "has no minute from 00 to 59")?;
        self.one_of(b":", "has no `:` after the minute")?;
        if self.bytes[self.at..].starts_with(b"60") {
            return Err(Fault::Here(
                self.at,
                "has a leap second, which Unix time does not count (write 59),",
            ));
        }
        let second = self.number(2, 0..=59, "has no second from 00 to 59")?;
        Ok(hour * 3600 + minute * 60 + second)
    }

    /// `.000000005` or nothing, as nanoseconds.
    fn fraction(&mut self) -> Result<u64, Fault> {
        if self.bytes.get(self.at) != Some(&b'.') {
            return Ok(0);
        }
        self.at += 1;
        let (mut nanos, mut unit) = (0, NANOS_PER_SECOND);
        while let Some(digit) = self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            if unit == 1 {
                return Err(Fault::Here(self.at, "has more than nine digits of fraction"));
            }
            unit /= 10;
            nanos += u64::from(digit - b'0') * unit;
            self.at += 1;
        }
        if unit == NANOS_PER_SECOND {
            return Err(Fault::Here(self.at, "has no digits after the `.`"));
        }
        Ok(nanos)
    }

    /// `Z`, `+01:00` or `-01:00`, as seconds to subtract.
    fn offset(&mut self) -> Result<i64, Fault> {
        let sign = match self.one_of(b"Zz+-", "has no offset (`Z` or `+01:00`)")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Ok(0),
        };
        let hours = self.number(2, 0..=23, "has no offset hour from 00 to 23")?;
        self.one_of(b":", "has no `:` in its offset")?;
        let minutes = self.number(2, 0..=59, "has no offset minute from 00 to 59")?;
        Ok(sign * (hours * 3600 + minutes * 60))
    }

    /// Exactly `digits` digits whose number is in `range`.
    fn number(
        &mut self,
        digits: usize,
        range: std::ops::RangeInclusive<i64>,
        problem: &'static str,
    ) -> Result<i64, Fault> {
        let field = self.bytes.get(self.at..self.at + digits).unwrap_or_default();
        let digit =
            |number: i64, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'));
        let number =
            field.iter().try_fold(0, digit).filter(|number| !field.is_empty() && range.contains(number));
        self.at += digits;
        number.ok_or(Fault::Here(self.at - digits, problem))
    }

    /// One of these bytes.
    fn one_of(&mut self, allowed: &[u8], problem: &'static str) -> Result<u8, Fault> {
        let byte = self.bytes.get(self.at).copied().filter(|byte| allowed.contains(byte));
        self.at += 1;
        byte.ok_or(Fault::Here(self.at - 1, problem))
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
///
/// This and its inverse: Howard Hinnant, "chrono-compatible low-level date algorithms". A year begins in March, so
/// that the leap day is its last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970
}

/// Year, month and day of a number of days since 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn known_times_go_both_ways() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00.000000000Z", 0),
            ("1970-01-01T00:00:00.000000005Z", 5),
            ("1970-01-01T00:00:01.000000500Z", 1_000_000_500),
            ("1972-02-29T00:00:00.000000000Z", 68_169_600_000_000_000),
            ("2000-02-29T23:59:59.999999999Z", 951_868_799_999_999_999),
            ("2000-03-01T00:00:00.000000000Z", 951_868_800_000_000_000),
            ("2026-11-20T17:30:00.000000005Z", 1_795_195_800_000_000_005),
            ("2100-02-28T12:00:00.000000000Z", 4_107_499_200_000_000_000),
            ("2554-07-21T23:34:33.709551615Z", u64::MAX),
        ] {
            let time = Nanotime::from_nanos(nanos);
            assert_eq!(time.to_string(), text);
            assert_eq!(format!("{time:?}"), format!("Nanotime({text})"));
            assert_eq!(text.parse::<Nanotime>().unwrap(), time);
        }
    }

    #[test]
    fn random_times_go_both_ways_in_order() {
        let mut number = 1u64;
        let mut times: Vec<Nanotime> = Vec::new();
        for _ in 0..20_000 {
            // Knuth's linear congruential generator.
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let time = Nanotime::from_nanos(number);
            assert_eq!(time.to_string().parse::<Nanotime>().unwrap(), time);
            times.push(time);
        }
        times.sort();
        assert!(times.windows(2).all(|pair| pair[0].to_string() <= pair[1].to_string()));
    }

    #[test]
    fn every_day_of_the_calendar_follows_the_last() {
        let mut days = days_from_civil(0, 1, 1);
        for year in 0..=9999 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!(civil_from_days(days), (year, month, day));
                    assert_eq!(days_from_civil(year, month, day), days);
                    days += 1;
                }
            }
        }
    }

    #[test]
    fn offsets_fractions_and_cases_are_read() {
        for (text, canonical) in [
            ("2026-11-20t17:30:00z", "2026-11-20T17:30:00.000000000Z"),
            ("2026-11-20T18:30:00+01:00", "2026-11-20T17:30:00.000000000Z"),
            ("2026-11-20T00:00:00.5-23:59", "2026-11-20T23:59:00.500000000Z"),
            ("2026-11-20T00:00:00-00:00", "2026-11-20T00:00:00.000000000Z"),
            ("2026-01-01T00:00:00.123456789+00:01", "2025-12-31T23:59:00.123456789Z"),
            ("1969-12-31T23:59:59-01:00", "1970-01-01T00:59:59.000000000Z"),
        ] {
            assert_eq!(text.parse::<Nanotime>().unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn errors_name_the_value_and_the_place() {
        for (text, problem) in [
            ("", "has no year of four digits at byte 0"),
            ("26-11-20T17:30:00Z", "has no year of four digits at byte 0"),
            ("+026-11-20T17:30:00Z", "has no year of four digits at byte 0"),
            ("2026/11/20T17:30:00Z", "has no `-` after the year at byte 4"),
            ("2026-13-20T17:30:00Z", "has no month from 01 to 12 at byte 5"),
            ("2026-02-29T17:30:00Z", "has no day of that month at byte 8"),
            ("2100-02-29T17:30:00Z", "has no day of that month at byte 8"),
            ("2026-11-20 17:30:00Z", "has no `T` at byte 10"),
            ("2026-11-20T24:00:00Z", "has no hour from 00 to 23 at byte 11"),
            ("2026-11-20T17:60:00Z", "has no minute from 00 to 59 at byte 14"),
            ("2026-11-20T17:30", "has no `:` after the minute at byte 16"),
            ("2026-11-20T17:30:", "has no second from 00 to 59 at byte 17"),
            ("2026-11-20T17:30:0", "has no second from 00 to 59 at byte 17"),
            (
                "2026-12-31T23:59:60Z",
                "has a leap second, which Unix time does not count (write 59), at byte 17",
            ),
            ("2026-11-20T17:30:00.Z", "has no digits after the `.` at byte 20"),
            ("2026-11-20T17:30:00.0123456789Z", "has more than nine digits of fraction at byte 29"),
            ("2026-11-20T17:30:00", "has no offset (`Z` or `+01:00`) at byte 19"),
            ("2026-11-20T17:30:00é", "has no offset (`Z` or `+01:00`) at byte 19"),
            ("2026-11-20T17:30:00+0100", "has no `:` in its offset at byte 22"),
            ("2026-11-20T17:30:00+24:00", "has no offset hour from 00 to 23 at byte 20"),
            ("2026-11-20T17:30:00Z ", "does not end at byte 20"),
            ("1969-12-31T23:59:59.999999999Z", "is not between 1970 and 2554-07-21T23:34:33Z"),
            ("0000-01-01T00:00:00+23:59", "is not between 1970 and 2554-07-21T23:34:33Z"),
            ("2554-07-21T23:34:33.709551616Z", "is not between 1970 and 2554-07-21T23:34:33Z"),
            ("9999-12-31T23:59:59-23:59", "is not between 1970 and 2554-07-21T23:34:33Z"),
        ] {
            let error = text.parse::<Nanotime>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidTime);
            assert_eq!(error.to_string(), format!("time `{text}` {problem}"));
        }
    }
}
