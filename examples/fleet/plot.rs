//! The plot: rounds, and bytes a replica, over the number of replicas; readable on light and dark pages.

use crate::measure::Point;
use std::fmt::Write;

const WIDTH: f64 = 430.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 56.0;

const STYLE: &str = "\
  <style>
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-weight: 600 }
    .axis { stroke: #57606a; fill: none }
    .grid { stroke: #d0d7de; stroke-dasharray: 2 4 }
    .l0 { stroke: #0969da; fill: #0969da } .l1 { stroke: #bc4c00; fill: #bc4c00 } .l2 { stroke: #1a7f37; fill: #1a7f37 }
    polyline { fill: none !important; stroke-width: 2 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .axis { stroke: #8b949e } .grid { stroke: #30363d }
      .l0 { stroke: #58a6ff; fill: #58a6ff } .l1 { stroke: #f0883e; fill: #f0883e } .l2 { stroke: #3fb950; fill: #3fb950 }
    }
  </style>
";

/// One of the two panels.
struct Panel<'p> {
    title: &'p str,
    x: f64,
    most: f64,
    step: f64,
    value: fn(&Point) -> f64,
}

/// The plot of these lines.
pub(super) fn svg(lines: &[(&str, Vec<Point>)]) -> String {
    let all = || lines.iter().flat_map(|(_, points)| points);
    let most = |value: fn(&Point) -> f64| all().map(value).fold(1.0, f64::max);
    let mut out = String::new();
    let (width, height) = (2.0 * (WIDTH + LEFT) + 50.0, TOP + HEIGHT + 90.0);
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"Rounds and bytes until all replicas have a new write\">"
    );
    out.push_str(STYLE);
    let rounds: fn(&Point) -> f64 = |point| point.rounds;
    let bytes: fn(&Point) -> f64 = |point| point.bytes_each;
    let panels = [("Rounds until all have a new write", rounds), ("Bytes a replica until then", bytes)];
    for (number, (title, value)) in panels.into_iter().enumerate() {
        let step = nice(most(value) / 5.0);
        let x = LEFT + number as f64 * (WIDTH + LEFT + 30.0);
        let most = (most(value) / step).ceil() * step;
        Panel { title, x, most, step, value }.draw(lines, &mut out);
    }
    for (number, (name, _)) in lines.iter().enumerate() {
        let (x, y) = (LEFT + number as f64 * 250.0, TOP + HEIGHT + 74.0);
        let _ = writeln!(
            out,
            "  <rect class=\"l{number}\" x=\"{x}\" y=\"{}\" width=\"22\" height=\"3\"/>",
            y - 6.0
        );
        let _ = writeln!(out, "  <text x=\"{}\" y=\"{y}\">{name}</text>", x + 30.0);
    }
    out.push_str("</svg>\n");
    out
}

/// A round number not below this one.
fn nice(step: f64) -> f64 {
    let unit = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * unit).find(|nice| *nice >= step).unwrap_or(unit)
}

impl Panel<'_> {
    /// Where a number of replicas stands: 10 at the left, 1,000 at the right, by its logarithm.
    fn across(&self, replicas: usize) -> f64 {
        self.x + ((replicas as f64).log10() - 1.0) / 2.0 * WIDTH
    }

    fn up(&self, value: f64) -> f64 {
        TOP + HEIGHT - value / self.most * HEIGHT
    }

    fn draw(&self, lines: &[(&str, Vec<Point>)], out: &mut String) {
        let (left, right, bottom) = (self.x, self.x + WIDTH, TOP + HEIGHT);
        let _ =
            writeln!(out, "  <text class=\"title\" x=\"{left}\" y=\"{}\">{}</text>", TOP - 24.0, self.title);
        let mut tick = 0.0;
        while tick <= self.most + self.step / 2.0 {
            let y = self.up(tick);
            let _ = writeln!(out, "  <path class=\"grid\" d=\"M{left} {y:.1}H{right}\"/>");
            let _ = writeln!(
                out,
                "  <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
                left - 8.0,
                y + 4.0
            );
            tick += self.step;
        }
        let _ = writeln!(out, "  <path class=\"axis\" d=\"M{left} {TOP}V{bottom}H{right}\"/>");
        for point in lines.first().map(|(_, points)| &points[..]).unwrap_or_default() {
            let x = self.across(point.replicas);
            let _ = writeln!(out, "  <path class=\"axis\" d=\"M{x:.1} {bottom}v5\"/>");
            let (y, replicas) = (bottom + 20.0, point.replicas);
            let _ = writeln!(out, "  <text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{replicas}</text>");
        }
        let (x, y) = (left + WIDTH / 2.0, bottom + 42.0);
        let _ = writeln!(out, "  <text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">replicas</text>");
        for (number, (_, points)) in lines.iter().enumerate() {
            let at = |point: &Point| (self.across(point.replicas), self.up((self.value)(point)));
            let path: Vec<String> = points.iter().map(at).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let _ = writeln!(out, "  <polyline class=\"l{number}\" points=\"{}\"/>", path.join(" "));
            for (x, y) in points.iter().map(at) {
                let _ = writeln!(out, "  <circle class=\"l{number}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
            }
        }
    }
}
