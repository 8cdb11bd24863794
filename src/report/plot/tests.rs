//! Every plot with every kind of value: nothing outside its drawing, nothing over anything, nothing unescaped.

use super::draw::width;
use super::*;
use Language::{En, Vi};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

fn caption(id: &str) -> Caption {
    Caption {
        id: id.into(), finding: "Phát hiện <b>&\"'".into(), counted: "Đếm < gì".into(), spoken: String::new()
    }
}

fn trend(shape: Shape, values: Vec<Option<Amount>>, before: Vec<Option<Amount>>, levels: Option<(i64, i64)>) -> Trend {
    let points = values.into_iter().enumerate();
    Trend {
        caption: caption("t"),
        shape,
        each: "Ngày".into(),
        name: "Năm nay".into(),
        points: points.map(|(at, value)| Point { label: format!("{}/{}", at % 28 + 1, at % 12 + 1), value }).collect(),
        previous: (!before.is_empty()).then(|| Previous { name: "Năm trước".into(), values: before }),
        target: levels.map(|(at, _)| Level { name: "Mục tiêu".into(), at }),
        limit: levels.map(|(_, at)| Level { name: "Ngưỡng".into(), at }),
    }
}

fn ranking(rows: Vec<(String, Amount, String)>, limit: Option<i64>) -> Ranking {
    Ranking {
        caption: caption("r"),
        each: "Đơn vị".into(),
        measured: "Tỷ lệ trễ".into(),
        noted: "Giữ lâu nhất".into(),
        rows: rows.into_iter().map(|(name, value, note)| Ranked { name, value, note }).collect(),
        limit: limit.map(|at| Level { name: "Ngưỡng".into(), at }),
    }
}

const KEEPERS: [Keeper; 4] = [Keeper::Citizen, Keeper::Post, Keeper::Agency, Keeper::Nobody];

fn age_bars(rows: Vec<(String, Vec<i64>)>) -> AgeBars {
    let rows = rows.into_iter().zip(KEEPERS.iter().cycle());
    AgeBars {
        caption: caption("a"),
        each: "Người giữ".into(),
        classes: ["0–1 ngày", "1–3 ngày", "3–7 ngày", "trên 7 ngày"].map(str::to_owned).to_vec(),
        over_from: 3,
        rows: rows.map(|((name, counts), keeper)| AgeRow { keeper: *keeper, name, counts }).collect(),
    }
}

fn minis(rows: Vec<(String, Vec<i64>)>) -> Minis {
    let rows = rows.into_iter().zip(KEEPERS.iter().cycle());
    Minis {
        caption: caption("m"),
        each: "Người giữ".into(),
        classes: ["<1", "1–2", "3–5", "6–10", ">10"].map(str::to_owned).to_vec(),
        over_from: 3,
        items: rows
            .map(|((name, counts), keeper)| Mini { keeper: *keeper, name, total: String::new(), counts })
            .collect(),
    }
}

/// A text as it stands in a drawing; `before` is the share of its width left of `x`.
#[derive(Debug)]
struct Set {
    words: String,
    x: f64,
    y: f64,
    before: f64,
    bold: bool,
}

impl Set {
    fn left(&self) -> f64 {
        self.x - self.before * width(&self.words, self.bold)
    }

    fn right(&self) -> f64 {
        self.left() + width(&self.words, self.bold)
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).unwrap()?;
    Some(found.value.into_owned())
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<f64> {
    let value: f64 = attribute(element, name)?.parse().unwrap_or_else(|_| panic!("{name} of {element:?}"));
    assert!(value.is_finite(), "{element:?}");
    Some(value)
}

/// Reads a figure as XML and holds each of its drawings against the rules.
fn examine(html: &str) -> usize {
    assert!(!html.contains("NaN") && !html.contains("inf\"") && !html.contains("style="), "{html}");
    assert!(!html.contains("<b>&\""), "{html}");
    let mut reader = Reader::from_str(html);
    let (mut drawings, mut size, mut texts, mut open, mut title) =
        (0, (0.0, 0.0), Vec::<Set>::new(), None::<Set>, false);
    let mut in_pattern = false;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => match element.name().as_ref() {
                "svg" => {
                    let view = attribute(&element, "viewBox").unwrap();
                    let parts: Vec<f64> = view.split(' ').map(|part| part.parse().unwrap()).collect();
                    size = (parts[2], parts[3]);
                    texts.clear();
                    drawings += usize::from(attribute(&element, "role").as_deref() == Some("img"));
                }
                "title" => title = true,
                "pattern" => in_pattern = true,
                "text" => {
                    let (x, y) = (number(&element, "x").unwrap(), number(&element, "y").unwrap());
                    let class = attribute(&element, "class").unwrap_or_default();
                    let anchor = attribute(&element, "text-anchor").unwrap_or_default();
                    let before = match anchor.as_str() {
                        "end" => 1.0,
                        "middle" => 0.5,
                        _ => 0.0,
                    };
                    open =
                        Some(Set { words: String::new(), x, y, before, bold: class == "strong" || class == "t-line" });
                }
                _ => inside(&element, size, in_pattern),
            },
            Event::Text(words) if !title => {
                if let Some(open) = &mut open {
                    open.words.push_str(&words);
                }
            }
            Event::GeneralRef(name) if !title => {
                if let Some(open) = &mut open {
                    open.words.push_str(match name.as_ref() {
                        "lt" | "gt" => "<",
                        "quot" => "\"",
                        "#39" => "'",
                        _ => "&",
                    });
                }
            }
            Event::End(element) => match element.name().as_ref() {
                "title" => title = false,
                "pattern" => in_pattern = false,
                "text" => texts.extend(open.take()),
                "svg" => apart(&texts, size),
                _ => {}
            },
            Event::Eof => return drawings,
            _ => {}
        }
    }
}

fn inside(element: &BytesStart<'_>, (wide, high): (f64, f64), in_pattern: bool) {
    if in_pattern || !matches!(element.name().as_ref(), "rect" | "line" | "circle" | "polyline" | "polygon") {
        return;
    }
    let holds = |x: f64, y: f64| {
        let (x_ok, y_ok) = ((-0.1..=wide + 0.1).contains(&x), (-0.1..=high + 0.1).contains(&y));
        assert!(x_ok && y_ok, "{x},{y} outside {wide} × {high}: {}", &**element);
    };
    let of = |name: &str| number(element, name);
    for (x, y) in [("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")] {
        if let (Some(x), Some(y)) = (of(x), of(y)) {
            holds(x, y);
            if let (Some(width), Some(height)) = (of("width"), of("height")) {
                assert!(width >= 0.0 && height >= 0.0);
                holds(x + width, y + height);
            }
        }
    }
    for pair in attribute(element, "points").unwrap_or_default().split_whitespace() {
        let (x, y) = pair.split_once(',').unwrap();
        holds(x.parse().unwrap(), y.parse().unwrap());
    }
}

fn apart(texts: &[Set], (wide, high): (f64, f64)) {
    for (at, text) in texts.iter().enumerate() {
        assert!(text.left() >= -0.2 && text.right() <= wide + 0.2, "cut at the side of {wide}: {text:?}");
        assert!(text.y >= 10.0 && text.y <= high, "cut above or below {high}: {text:?}");
        for other in &texts[at + 1..] {
            let over = text.left() + 0.2 < other.right()
                && other.left() + 0.2 < text.right()
                && (text.y - other.y).abs() < 11.0;
            assert!(!over, "{text:?} over {other:?}");
        }
    }
}

fn late(part: i64, whole: i64) -> Option<Amount> {
    Some(Amount::Share { part, whole })
}

fn sample_trend() -> Trend {
    let rates = [794, 722, 812, 691, 643, 677, 592, 551, 610, 522, 490, 461];
    let before = [690, 740, 780, 770, 820, 760, 790, 840, 810, 750, 730, 700];
    let share = |points: i64| late(points, 10_000);
    trend(Shape::Line, rates.map(share).to_vec(), before.map(share).to_vec(), Some((500, 1_000)))
}

fn sample_ranking() -> Ranking {
    let rows = [
        ("Bưu cục Vạn Thạnh", 19, 142, "11 ngày"),
        ("UBND xã Long Sơn", 6, 71, "7 ngày"),
        ("Bưu cục Phú Lộc", 0, 0, ""),
    ];
    let rows = rows.map(|(name, part, whole, note)| (name.to_owned(), Amount::Share { part, whole }, note.to_owned()));
    ranking(rows.to_vec(), Some(1_000))
}

fn held() -> Vec<(String, Vec<i64>)> {
    let rows = [("Người dân", vec![61, 22, 7, 3]), ("Bưu điện", vec![418, 121, 48, 25])];
    let more = [("Cơ quan", vec![640, 702, 398, 206]), ("Chưa rõ", vec![0, 1, 1, 2])];
    rows.into_iter().chain(more).map(|(name, counts)| (name.to_owned(), counts)).collect()
}

#[test]
fn one_of_each_looks_as_before() {
    let months = [120, 340, 95, 410].map(|count| Some(Amount::Count(count))).to_vec();
    let columns = trend(Shape::Columns, months, Vec::new(), None);
    let held_longer = held().into_iter().map(|(name, mut counts)| {
        counts.push(1);
        (name, counts)
    });
    let figures = [
        ("trend", sample_trend().html(Vi)),
        ("columns", columns.html(En)),
        ("ranking", sample_ranking().html(Vi)),
        ("age_bars", age_bars(held()).html(Vi)),
        ("minis", minis(held_longer.collect()).html(Vi)),
        ("spark", spark(&[Some(3), Some(9), None, Some(4), Some(5)])),
        ("inline_bar", inline_bar(76, 100, true)),
    ];
    for (name, html) in figures {
        let drawings = examine(&html);
        assert_eq!(
            drawings,
            match name {
                "minis" => 4,
                "spark" | "inline_bar" => 0,
                _ => 2,
            },
            "{name}"
        );
        insta::assert_snapshot!(name, html.replace("><", ">\n<"));
    }
}

#[test]
fn nothing_to_draw_is_said() {
    let empty = [
        trend(Shape::Line, Vec::new(), Vec::new(), Some((500, 1_000))).html(Vi),
        trend(Shape::Line, vec![late(0, 0), None], Vec::new(), None).html(Vi),
        ranking(Vec::new(), None).html(Vi),
        age_bars(Vec::new()).html(Vi),
        minis(Vec::new()).html(Vi),
    ];
    for html in empty {
        assert!(html.contains("Chưa có số liệu.") && !html.contains("<svg"), "{html}");
        examine(&html);
    }
    assert_eq!(spark(&[Some(1)]), "");
    assert!(trend(Shape::Columns, vec![None], Vec::new(), None).html(En).contains("No figures yet."));
}

#[test]
fn two_plots_of_a_page_share_no_pattern() {
    let mut other = age_bars(held());
    other.caption.id = "b".into();
    let page = age_bars(held()).html(Vi) + &other.html(Vi);
    let mut ids: Vec<_> = page.split("<pattern id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(ids.iter().all(|id| page.contains(&format!("url(#{id})"))), "{ids:?}");
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), all), (all, 20));
}

#[test]
fn long_names_are_cut_and_stand_whole_in_a_title() {
    let long = "Trung tâm Phục vụ hành chính công phường Nguyễn Thị Minh Khai <mở rộng>";
    let html = ranking(vec![(long.to_owned(), Amount::Count(3), "2 ngày".to_owned())], None).html(Vi);
    examine(&html);
    assert!(
        html.contains("…<title>Trung tâm Phục vụ hành chính công phường Nguyễn Thị Minh Khai &lt;mở rộng&gt;</title>")
    );
}

#[test]
fn a_day_without_figures_leaves_a_gap() {
    let values = [3, 5, -1, 4, 6].map(|count| (count >= 0).then_some(Amount::Count(count))).to_vec();
    let html = trend(Shape::Line, values, Vec::new(), None).html(Vi);
    assert_eq!(html.matches(r#"<polyline class="ch-line""#).count(), 4, "two stretches in each drawing");
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        any::<i64>().prop_map(Amount::Count),
        (-50..5_000_i64).prop_map(Amount::Count),
        any::<i64>().prop_map(Amount::Dong),
        (0..400_i64, 0..400_i64).prop_map(|(part, whole)| Amount::Share { part, whole }),
        any::<(i64, i64)>().prop_map(|(part, whole)| Amount::Share { part, whole }),
    ]
}

/// Names with what breaks markup, marks and other writing.
const NAME: &str = "[a-zđĐễộW<>&\"' 漢\u{7}\u{301}]{0,60}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_trend_keeps_the_rules(
        values in prop::collection::vec(prop::option::weighted(0.9, amount()), 0..40),
        before in prop::collection::vec(prop::option::weighted(0.9, amount()), 0..40),
        levels in prop::option::of(any::<(i16, i16)>()),
        line: bool,
    ) {
        let shape = if line { Shape::Line } else { Shape::Columns };
        let levels = levels.map(|(target, limit)| (target.into(), limit.into()));
        for lang in [Vi, En] {
            examine(&trend(shape, values.clone(), before.clone(), levels).html(lang));
        }
    }

    #[test]
    fn any_ranking_keeps_the_rules(
        rows in prop::collection::vec((NAME, amount(), "[a-z ]{0,14}"), 0..8),
        limit in prop::option::of(any::<i16>()),
    ) {
        for lang in [Vi, En] {
            examine(&ranking(rows.clone(), limit.map(i64::from)).html(lang));
        }
    }

    #[test]
    fn any_holders_keep_the_rules(rows in prop::collection::vec((NAME, prop::collection::vec(
        prop_oneof![any::<i64>(), 0..900_i64], 0..6)), 0..6)) {
        examine(&age_bars(rows.clone()).html(Vi));
        examine(&minis(rows).html(En));
    }

    #[test]
    fn any_spark_stays_inside(values in prop::collection::vec(any::<Option<i64>>(), 0..40), value: i64, most: i64) {
        examine(&format!("<p>{}{}</p>", spark(&values), inline_bar(value, most, false)));
    }
}
