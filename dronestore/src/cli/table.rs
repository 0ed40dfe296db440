//! Columns that stand below one another.

/// Rows as text: each column as wide as its widest cell, two blanks between them, nothing behind the last.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let rows = rows.iter().map(|row| row.iter().map(String::as_str).collect());
    lines(&std::iter::once(head.to_vec()).chain(rows).collect::<Vec<_>>())
}

/// As [`table`], of rows of any number of cells; the first is the head.
pub(super) fn lines(rows: &[Vec<&str>]) -> String {
    let mut widths = vec![0; rows.first().map_or(0, Vec::len)];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Names and values, the values below one another.
pub(super) fn pairs(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    rows.iter().fold(String::new(), |mut text, (name, value)| {
        let blanks = " ".repeat(width - name.chars().count() + 2);
        // The lines of a text stand below one another too.
        let value = value.trim_end_matches('\n').replace('\n', &format!("\n{}", " ".repeat(width + 2)));
        text.extend([name, blanks.as_str(), value.as_str(), "\n"]);
        text
    })
}
