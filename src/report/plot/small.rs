//! Drawings inside other things: the line under a main number, the bar in a table cell. Both repeat what text says beside them, so
//! they are hidden from readers.

/// A small line without axis: its own scale, gaps left open. Nothing when fewer than two values are there.
pub fn spark(values: &[Option<i64>]) -> String {
    const WIDE: f64 = 100.0;
    const TOP: f64 = 4.0;
    const BOTTOM: f64 = 21.0;
    const EDGE: f64 = 2.0;
    let there: Vec<i64> = values.iter().flatten().copied().collect();
    let (Some(least), Some(most)) = (there.iter().min(), there.iter().max()) else { return String::new() };
    if there.len() < 2 {
        return String::new();
    }
    let span = i128::from(*most) - i128::from(*least);
    let step = (WIDE - 2.0 * EDGE) / (values.len() - 1) as f64;
    let place = |(at, value): (usize, &Option<i64>)| {
        let along = match span {
            0 => 0.5,
            span => (i128::from((*value)?) - i128::from(*least)) as f64 / span as f64,
        };
        value.map(|_| format!("{:.1},{:.1}", EDGE + step * at as f64, BOTTOM - along * (BOTTOM - TOP)))
    };
    let places: Vec<Option<String>> = values.iter().enumerate().map(place).collect();
    let runs = places.split(Option::is_none).filter(|run| run.len() > 1);
    let lines: String = runs
        .map(|run| {
            format!(
                r#"<polyline vector-effect="non-scaling-stroke" points="{}"/>"#,
                run.iter().flatten().cloned().collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    format!(
        r#"<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true"><g fill="none" stroke="var(--ch-1)" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round">{lines}</g></svg>"#
    )
}

/// A bar for a table cell: `value` of `most`; `over` when it is beyond the limit, which the cell says in words too.
pub fn inline_bar(value: i64, most: i64, over: bool) -> String {
    let along = if most > 0 { (value.max(0) as f64 / most as f64).clamp(0.0, 1.0) } else { 0.0 };
    let colour = if over { "--ch-limit" } else { "--ch-1" };
    format!(
        r#"<svg class="inbar" viewBox="0 0 100 7" preserveAspectRatio="none" aria-hidden="true" width="100%"><rect width="{:.1}" height="7" fill="var({colour})"/></svg>"#,
        along * 100.0
    )
}
