// The equity page: choose an indicator, see it by district, group, deprivation, month and place, with the figures beneath.
// Groups keep the order of the registry; nothing is sorted by value. What may be compared was decided before (equity.py).
"use strict";
(async () => {
  const packed = Uint8Array.from(atob(document.getElementById("figures").textContent), (letter) => letter.charCodeAt(0));
  const data = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  const [INK, SOFT, LINE, HIGH, LOW] = ["#1f2a37", "#5b6675", "#b4530a", "#9b1c1c", "#1d4f91"];
  const NOWHERE = ["unknown", "outside"];
  const DEPRIVATION = ["idaci_decile_county", "idaci_quintile", "imd_decile_county", "idaci_decile", "imd_decile"];
  const COLUMNS = ["group", "numerator", "denominator", "excluded", "value", "lower", "upper", "rest",
    "ratio", "ratioLower", "ratioUpper", "difference", "differenceLower", "differenceUpper", "reliable"];
  const CLASSES = { within: "within the limits", high_95: "above the 95% limit", low_95: "below the 95% limit",
    high_998: "above the 99.8% limit", low_998: "below the 99.8% limit" };
  const LOOKS = { within: [INK, "circle"], high_95: [HIGH, "triangle-up"], low_95: [LOW, "triangle-down"],
    high_998: [HIGH, "square"], low_998: [LOW, "diamond"] };
  const ASSURED = { pass: "the limits lie on its good side. As things go on, it is met every month.",
    fail: "it lies beyond the limits. As things go on, it is missed every month: nothing but a change of how the work is done will meet it.",
    "hit and miss": "it lies between the limits. As things go on, whether a month meets it is chance." };
  const VARIATION = { common: [INK, "circle"], improvement: [LOW, "triangle-down"], concern: [HIGH, "square"], high: [HIGH, "triangle-up"],
    low: [LOW, "diamond"], "no limits": [INK, "circle"] };
  const STATISTICS = {
    slope_index: "Slope index of inequality: least deprived end less most deprived end",
    relative_index: "Relative index of inequality: least deprived end over most deprived end",
    gap: "Highest less lowest district", gap_by_chance: "The gap that chance alone would make",
    spread_beyond_chance: "Spread between districts beyond chance",
    gini: "Gini over districts, weighted by children", theil_between_share: "Share of the difference between wards that lies between districts",
    outside_95: "Areas outside the 95% limits", outside_998: "Areas outside the 99.8% limits" };
  const sets = Object.fromEntries(data.sets.map((set) => [set.id, set]));
  const select = Object.fromEntries(["indicator", "measure", "period", "set"].map((id) => [id, document.getElementById(id)]));
  const chosen = document.getElementById("chosen");

  // ---- small helpers -------------------------------------------------------------------------------------------
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  // Half away from zero, and no minus before a zero.
  const fixed = (value, digits) => (Math.sign(value) * Math.round((Math.abs(value) + 1e-9) * 10 ** digits) / 10 ** digits + 0)
    .toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const count = (value) => (value === null ? "–" : fixed(value, 0));
  const label = (set, value) => (value === "all" ? "County" : sets[set]?.labels[value] ?? value);
  const read = (row) => Object.fromEntries(COLUMNS.map((name, place) => [name, row[place]]));
  const groupsOf = (result, set) => (result?.[set]?.rows ?? []).map(read);
  const option = (value, text) => make("option", { value }, text);

  // A measure's way of printing: shares as per cent, counts whole, all else with one decimal.
  const printer = (measure) => {
    const share = measure.unit === "proportion";
    const digits = measure.unit === "count" ? 0 : 1;
    const scale = share ? 100 : 1;
    return {
      scale,
      ofSums: measure.kind === "ratio",
      value: (value) => (value === null ? "no value" : fixed(value * scale, digits) + (share || measure.unit === "percent" ? "%" : "")),
      gap: (value, lower, upper) => {
        const [one, from, to] = [value, lower, upper].map((part) => (part > 0 ? "+" : "") + fixed(part * scale, digits));
        return `${one}${share ? " points" : ""} (${from} to ${to})`;
      },
      axis: (share ? "Share (%)" : data.unit_words[measure.unit].replace(/^./, (first) => first.toUpperCase())),
    };
  };
  const between = (print, lower, upper) => (lower === null || upper === null ? "no interval" : `${print(lower)} to ${print(upper)}`);

  // ---- tables --------------------------------------------------------------------------------------------------
  // Columns are [heading, whether a number]; the first cell of a row is its heading.
  const table = (caption, columns, rows, marked = () => false) => {
    const head = make("tr", {}, ...columns.map(([text, number]) => make("th", { scope: "col", class: number ? "n" : "" }, text)));
    const body = rows.map((cells) => make("tr", marked(cells) ? { class: "county" } : {}, ...cells.map((cell, place) =>
      make(place ? "td" : "th", { ...(place ? {} : { scope: "row" }), class: columns[place][1] ? "n" : "" }, String(cell)))));
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${caption}: table` },
      make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...body)));
  };
  const groupTable = (caption, set, rows, county, print, compare) => {
    const columns = [["Group"], ["Numerator", 1], ["Base", 1], ["Value", 1], ["95% interval", 1]];
    if (compare) columns.push(["Rest of county", 1], ["Ratio to rest", 1], ["Difference", 1]);
    columns.push(["Note"]);
    const cells = (row) => {
      const made = [label(set, row.group), count(row.numerator), count(row.denominator), print.value(row.value),
        row.value === null ? "–" : between(print.value, row.lower, row.upper)];
      if (compare) {
        made.push(row.rest === null ? "–" : print.value(row.rest),
          row.ratio === null ? "–" : `${fixed(row.ratio, 2)} (${fixed(row.ratioLower, 2)} to ${fixed(row.ratioUpper, 2)})`,
          row.difference === null ? "–" : print.gap(row.difference, row.differenceLower, row.differenceUpper));
      }
      made.push(row.value !== null && !row.reliable ? "small\u00a0numbers" : "");
      return made;
    };
    return table(caption, columns, [county, ...rows].filter(Boolean).map(cells), (made) => made[0] === "County");
  };

  // ---- pictures ------------------------------------------------------------------------------------------------
  const CONFIG = { font: "sans-serif", background: "white", view: { stroke: null }, aria: false,
    axis: { labelColor: INK, titleColor: INK, labelFontSize: 12, titleFontSize: 12, gridColor: "#e4e7ec" },
    legend: { labelColor: INK, titleColor: INK, labelFontSize: 12 } };
  // A picture is one thing to a screen reader, with a sentence; the table beside it says the rest. So its parts are no parts to it.
  const hush = (place) => place.querySelectorAll("svg, svg *").forEach((node) =>
    ["role", "aria-roledescription", "aria-label"].forEach((name) => node.removeAttribute(name)));
  const draw = (alt, caption, spec) => {
    const place = make("div", { class: "chart", role: "img", "aria-label": `${alt} The same figures are in the table.` });
    vegaEmbed(place, { width: 640, ...spec, config: CONFIG }, { actions: false, renderer: "svg", ast: true })
      .then(() => hush(place))
      .catch((error) => { place.replaceChildren("The picture could not be drawn; the table has its figures."); console.error(error); });
    return make("figure", {}, place, make("figcaption", {}, caption));
  };
  const refused = (why) => make("p", { class: "refused" }, make("strong", {}, "Not shown. "), why);
  const scaleOf = (title, zero = true) => ({ type: "quantitative", scale: { zero, nice: true }, axis: { title, tickCount: 6 } });

  const dots = (rows, set, county, print, order) => {
    const values = rows.filter((row) => !NOWHERE.includes(row.group) && ![row.value, row.lower, row.upper].includes(null))
      .map((row) => ({ group: label(set, row.group), value: row.value * print.scale, lower: row.lower * print.scale,
        upper: row.upper * print.scale, said: `${print.value(row.value)} (${print.value(row.lower)} to ${print.value(row.upper)})` }));
    if (!values.length) return null;
    const y = { field: "group", type: "nominal", sort: null, axis: { title: null, labelLimit: 190, domain: false } };
    const x = scaleOf(`${print.axis}, with 95% interval`);
    const tooltip = [{ field: "group", title: "Group" }, { field: "said", title: "Value" }];
    const layer = [
      { mark: { type: "rule", strokeWidth: 2, color: SOFT }, encoding: { y, x: { field: "lower", ...x }, x2: { field: "upper" } } },
      { mark: { type: "point", filled: true, size: 70, color: INK, opacity: 1 }, encoding: { y, x: { field: "value", ...x }, tooltip } },
    ];
    if (county?.value !== null && county !== undefined) {
      layer.push({ data: { values: [{ county: county.value * print.scale }] },
        mark: { type: "rule", strokeDash: [5, 4], color: LINE, strokeWidth: 1.5 }, encoding: { x: { field: "county", ...x } } });
    }
    return draw(`${values.length} groups with 95% intervals${county ? `; county ${print.value(county.value)}` : ""}.`,
      `Dot: value. Bar: 95% interval. Dashed line: county. ${order}`, { data: { values }, height: { step: 24 }, layer });
  };

  const funnelPlot = (rows, set, funnel, county, print) => {
    const values = rows.filter((row) => funnel.areas[row.group]?.[0] && row.value !== null).map((row) => {
      const [kind, l95, u95, l998, u998, , , size] = funnel.areas[row.group];
      return { group: label(set, row.group), base: size, value: row.value * print.scale, kind: CLASSES[kind],
        said: print.value(row.value), l95: l95 * print.scale, u95: u95 * print.scale, l998: l998 * print.scale, u998: u998 * print.scale };
    });
    const limited = [...values].sort((one, other) => one.base - other.base);
    const x = { field: "base", ...scaleOf(print.ofSums ? "Size (as many independent children as the sums are worth)" : "Base (children, plans or residents behind the value)", false) };
    const y = (field) => ({ field, ...scaleOf(print.axis) });
    const edge = (field, strokeDash) => ({ data: { values: limited }, mark: { type: "line", color: SOFT, strokeWidth: 1.5, strokeDash, interpolate: "monotone" },
      encoding: { x, y: y(field) } });
    const outside = values.filter((row) => row.kind !== CLASSES.within);
    const kinds = Object.keys(CLASSES).filter((kind) => values.some((row) => row.kind === CLASSES[kind]));
    const named = kinds.map((kind) => CLASSES[kind]);
    const layer = [edge("l998", [1, 0]), edge("u998", [1, 0]), edge("l95", [4, 3]), edge("u95", [4, 3]),
      { data: { values: [{ county: county.value * print.scale }] }, mark: { type: "rule", color: LINE, strokeWidth: 1.5, strokeDash: [5, 4] },
        encoding: { y: { field: "county", ...scaleOf(print.axis) } } },
      { mark: { type: "point", filled: true, size: 85, opacity: 1 }, encoding: { x, y: y("value"),
        color: { field: "kind", type: "nominal", scale: { domain: named, range: kinds.map((kind) => LOOKS[kind][0]) }, legend: { title: null, orient: "bottom" } },
        shape: { field: "kind", type: "nominal", scale: { domain: named, range: kinds.map((kind) => LOOKS[kind][1]) } },
        tooltip: [{ field: "group", title: "Area" }, { field: "said", title: "Value" }, { field: "base", title: "Base" }, { field: "kind", title: "Funnel" }] } }];
    if (outside.length) layer.push({ data: { values: outside }, mark: { type: "text", dy: -10, color: INK, fontSize: 11 }, encoding: { x, y: y("value"), text: { field: "group" } } });
    return draw(`${values.length} areas on a funnel; ${outside.length} outside the 95% limits; county ${print.value(county.value)}.`,
      `Solid: 99.8% limits. Dashed grey: 95% limits. Dashed brown: county. Between the limits, chance alone could have put an area where it is.${funnel.note ? ` ${funnel.note}.` : ""}`,
      { data: { values }, height: 300, layer });
  };

  const partPlot = (parts, ofKind, name, names, print) => {
    const values = parts.filter((row) => row[3] !== null).map(([period, , , value, lower, upper, mean, low, high, kind]) => ({
      period: period.replace("12 months to ", ""), value: value * print.scale, lower: lower * print.scale, upper: upper * print.scale, said: print.value(value),
      mean: mean * print.scale, low: low * print.scale, high: high * print.scale, kind: kind ?? "no limits", charted: mean !== null, hasInterval: lower !== null }));
    if (!values.length) return null;
    const charted = values.some((row) => row.charted);
    const x = { field: "period", type: "ordinal", sort: null, axis: { title: null, labelAngle: -60 } };
    const y = (field) => ({ field, ...scaleOf(print.axis) });
    const line = (field, color, strokeDash) => ({ transform: [{ filter: "datum.charted" }], mark: { type: "line", color, strokeDash, strokeWidth: 1.5 }, encoding: { x, y: y(field) } });
    const kinds = Object.keys(VARIATION).filter((kind) => values.some((row) => row.kind === kind));
    const layer = [];
    if (charted) layer.push(line("mean", LINE, [5, 4]), line("low", SOFT, [4, 3]), line("high", SOFT, [4, 3]));
    else layer.push({ transform: [{ filter: "datum.hasInterval" }], mark: { type: "rule", color: SOFT, strokeWidth: 2 }, encoding: { x, y: y("lower"), y2: { field: "upper" } } });
    layer.push({ mark: { type: "line", color: INK, strokeWidth: 1 }, encoding: { x, y: y("value") } });
    layer.push({ mark: { type: "point", filled: true, size: 70, opacity: 1 }, encoding: { x, y: y("value"),
      color: { field: "kind", type: "nominal", scale: { domain: kinds, range: kinds.map((kind) => VARIATION[kind][0]) }, legend: charted ? { title: null, orient: "bottom" } : null },
      shape: { field: "kind", type: "nominal", scale: { domain: kinds, range: kinds.map((kind) => VARIATION[kind][1]) } },
      tooltip: [{ field: "period", title: name }, { field: "said", title: "Value" }, ...(ofKind === "month" ? [{ field: "kind", title: "Variation" }] : [])] } });
    if (ofKind === "rolling_12_months") return draw(`Twelve months to each of ${values.length} months, of the county.`,
      "Bars: 95% intervals. Each point shares eleven months with the one before it: it shows where the year stands, and no step from point to point is a change by itself.", { data: { values }, height: 240, layer });
    if (ofKind !== "month") return draw(`${values.length} ${names} of the county.`, "Bars: 95% intervals. Too few for control limits.", { data: { values }, height: 240, layer });
    return draw(`${values.length} months of the county.`, charted
      ? "Dashed brown: mean of all months. Dashed grey: control limits. A marked month is more than month-to-month noise, as a rule: of months in which nothing changes some 4 in 100 are marked."
      : "Bars: 95% intervals. No control limits: they are for what happens in a month, not for a stock, and need twelve whole months with 20 or more in the base of each.", { data: { values }, height: 240, layer });
  };

  const mapPlot = (rows, set, funnel, print) => {
    const values = Object.fromEntries(rows.map((row) => [row.group, row]));
    const features = data.map.features.map((feature) => {
      const [code, row] = [feature.properties.code, values[feature.properties.code]];
      const shrunk = funnel.areas[code]?.[5] ?? null;
      return { ...feature, properties: { code, group: label(set, code), shown: shrunk === null ? null : shrunk * print.scale,
        said: row ? print.value(row.value) : "no value", drawn: shrunk === null ? "none" : print.value(shrunk) } };
    });
    return draw(`Map of ${features.length} areas.`,
      `Colour: the value drawn towards the county's, the more so the smaller the area; grey: none. Not a ranking: read it with the funnel.${funnel.shrunk_note ? ` ${funnel.shrunk_note}.` : ""}`,
      { height: 380, data: { values: { type: "FeatureCollection", features }, format: { type: "json", property: "features" } },
        projection: { type: "identity", reflectY: true },
        mark: { type: "geoshape", stroke: "white", strokeWidth: 1 },
        encoding: { color: { condition: { test: "datum.properties.shown !== null", field: "properties.shown", type: "quantitative",
          scale: { scheme: "blues", zero: false }, legend: { title: print.axis, orient: "bottom", gradientLength: 250 } }, value: "#d1d5db" },
        tooltip: [{ field: "properties.group", title: "Area" }, { field: "properties.said", title: "Value" }, { field: "properties.drawn", title: "Drawn towards the county" }] } });
  };

  // ---- sections ------------------------------------------------------------------------------------------------
  const section = (id, title, ...parts) => make("section", { id, "aria-labelledby": `h-${id}` }, make("h3", { id: `h-${id}` }, title), ...parts);
  const pair = (picture, figures) => make("div", {}, picture, figures);

  const definition = (metric, measure) => {
    const terms = [["Question", metric.question], ["Numerator", metric.numerator], ["Denominator", metric.denominator], ["Left out", metric.excluded],
      ["Whose", metric.base], ["The day that counts", metric.clock], ["Which period", metric.period_rule], ["Age", metric.age_rule], ["Target", metric.target],
      ["Limit in law", metric.statutory_limit_days && `${metric.statutory_limit_days} days`], ["Traps", metric.traps], ["Asked by", metric.asked_by],
      ["Published elsewhere", metric.comparator], ["Interval", measure.interval_method], ["Certainty of the definition", metric.certainty],
      ["Version and owner", `${metric.version}, ${metric.owner}`]].filter(([, text]) => text);
    return make("details", { id: "definition" }, make("summary", {}, "What this counts, and how it misleads"),
      make("dl", {}, ...terms.flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, text)])));
  };

  const unknown = (group) => group.known === null || group.known === 1 ? null
    : make("p", { class: "soft" }, `Which group is not known of ${fixed(100 * (1 - group.known), 1)}% of the base.`);

  const unequal = (rows, print) => {
    const unit = (row, value) => (value === null ? "–" : row.statistic === "relative_index" || row.statistic === "gini" || row.statistic === "theil_between_share"
      ? fixed(value, 3) : row.statistic.startsWith("outside") ? fixed(value, 0) : fixed(value, 1) + (print.scale === 100 ? " points" : ""));
    return table("One figure for the inequality of this measure",
      [["Figure"], ["Over"], ["Value", 1], ["Interval or band", 1], ["Areas", 1], ["By chance", 1], ["Note"]],
      rows.map((row) => [`${row.indicator_id} ${STATISTICS[row.statistic] ?? row.statistic}`, sets[row.breakdown]?.title ?? row.breakdown, unit(row, row.value),
        row.lower === null || row.upper === null ? "no interval" : `${unit(row, row.lower)} to ${unit(row, row.upper)}`, count(row.area_count),
        row.expected_by_chance === null ? "–" : fixed(row.expected_by_chance, 1), row.note ?? ""]));
  };

  const trace = (metric, measure, period, result, set) => {
    const otherwise = data.traced_otherwise[metric.metric_id];
    if (otherwise) {
      const [listed, query] = otherwise;
      return section("traced-to", "From the number to what it is made of", make("p", {}, `This number is counted from places, rolls or the council's own books, not from events of children. The query lists ${listed}.`),
        make("pre", { id: "trace-otherwise", tabindex: "0", role: "region", "aria-label": "SQL that finds what the number is made of" }, query.replace("{period}", period)));
    }
    const chooser = make("select", { id: "traced" }, option("", "County"));
    for (const one of ["district", ...(set === "district" || set === "all" ? [] : [set])].filter((id) => result[id])) {
      chooser.append(make("optgroup", { label: sets[one].title }, ...groupsOf(result, one).map((row) => option(`${one}=${row.group}`, label(one, row.group)))));
    }
    const text = make("pre", { id: "trace", tabindex: "0", role: "region", "aria-label": "SQL that finds the children behind the number" });
    const quoted = (value) => `'${value.replaceAll("'", "''")}'`;
    const column = (name) => `coalesce(${name === "age_band" ? "bands.age_band" : `people.${name}`}, 'unknown')`;
    // A gap is two groups of another indicator; `compared_group` says which of them a child is in.
    const of = measure.gap_of;
    const say = () => {
      const place = chooser.value.indexOf("=");
      const [chosen, value] = [chooser.value.slice(0, Math.max(place, 0)), chooser.value.slice(place + 1)];
      const pair = data.pairs[chosen];
      const apart = value.lastIndexOf(" & ");
      const where = pair ? [[pair[0], value.slice(0, apart)], [pair[1], value.slice(apart + 3)]] : chosen ? [[chosen, value]] : [];
      const group = where.map(([name, one]) => `and ${column(name)} = ${quoted(one)}`);
      if (of) group.push(`and ${column(of.subgroup_set)} in (${quoted(of.value_from)}, ${quoted(of.value_to)})`);
      text.textContent = data.trace.replace("{metric}", of ? of.metric_id : metric.metric_id).replace("{variant}", of ? of.variant : measure.variant)
        .replace("{period}", period).replace("    events.value\n", of ? `    events.value,\n    people.${of.subgroup_set} as compared_group\n` : "    events.value\n")
        .replace("    {group}\n", group.map((one) => `    ${one}\n`).join(""));
    };
    chooser.addEventListener("change", say);
    say();
    return section("traced-to", "From the number to the children",
      make("p", {}, "The query lists every event in the number with its child: only for those who may see them. The sums of its numerator, denominator and excluded are the counts above; residents, for a rate per head, are in equity.equity__population."),
      make("p", { class: "choose" }, make("label", { for: "traced" }, "Number to trace "), chooser), text);
  };

  const render = () => {
    const measure = data.measures.find((one) => `${one.metric_id}|${one.measure}` === `${select.indicator.value}|${select.measure.value}`);
    const [metric, period] = [data.metrics[measure.metric_id], select.period.value];
    const key = `${measure.metric_id}|${measure.measure}|${period}`;
    const [result, funnels, print] = [data.results[key], data.funnel[key] ?? {}, printer(measure)];
    const county = groupsOf(result, "all")[0];
    const origin = data.provenance[`${metric.metric_id}|${period}`] ?? {};
    const set = select.set.value;
    const parts = [
      make("h2", {}, `${metric.metric_id} ${metric.name}`),
      make("p", {}, make("strong", {}, metric.question), ` ${measure.title}, ${period}${data.periods[period].whole ? "" : " (not over yet)"}${origin.missing ? `, without ${origin.missing}` : ""}.`),
      make("p", { class: "headline" }, make("strong", {}, print.value(county.value)), make("span", {}, `95% interval ${between(print.value, county.lower, county.upper)}`),
        make("span", {}, county.numerator === null ? `${count(county.denominator)} in the base` : `${count(county.numerator)} of ${count(county.denominator)}`),
        ["proportion", "percent"].includes(measure.unit) ? null : make("span", {}, data.unit_words[measure.unit])),
      make("dl", {}, ...[["Whose", metric.base], ["The day that counts", metric.clock], ["Age", metric.age_rule], ["As at", data.periods[period].stock],
        ["Better", { high: "higher", low: "lower", none: "neither: it describes" }[metric.polarity]], ["Target", metric.target],
        ["Made from", [(data.made_from[metric.metric_id] ?? []).join(", "), origin.oldest && `the oldest speaks of ${origin.oldest}`].filter(Boolean).join("; ")],
        ["Did not land", origin.missing], ["Not fresh", origin.not_fresh], ["No child known", [origin.unlinked && `${fixed(100 * origin.unlinked, 1)}% of what was counted`, origin.without_child && `not counted: ${origin.without_child}`].filter(Boolean).join("; ")], ["Left out", county.excluded ? `${count(county.excluded)}: ${metric.excluded}` : ""]]
        .filter(([, text]) => text).flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, text)])),
      definition(metric, measure),
    ];

    // Districts: on their funnel or not at all; the table without a funnel has no gaps.
    const districts = groupsOf(result, "district");
    if (districts.length) {
      const fit = result.district.compare && funnels.district;
      parts.push(section("districts", "Districts", pair(
        fit ? funnelPlot(districts, "district", funnels.district, county, print)
          : refused("No funnel can be drawn of this measure, so districts are not set against each other. Their own figures are in the table."),
        groupTable("Districts, by name", "district", districts, county, print, Boolean(fit))), unknown(result.district)));
    }
    const groups = groupsOf(result, set);
    if (groups.length && set !== "district" && set !== "all") {
      const fit = !sets[set].area || (result[set].compare && funnels[set]);
      const picture = sets[set].area ? fit && funnelPlot(groups, set, funnels[set], county, print) : dots(groups, set, county, print, "Groups in the order of the registry.");
      parts.push(section("groups", sets[set].title, sets[set].note ? make("p", { class: "soft" }, sets[set].note) : null, pair(
        picture || refused(sets[set].area ? "No funnel can be drawn, so these areas are not set against each other." : "No group has a value with an interval."),
        groupTable(sets[set].title, set, groups, county, print, Boolean(fit))), unknown(result[set])));
    }
    const gradient = DEPRIVATION.find((one) => one !== set && groupsOf(result, one).some((row) => row.lower !== null));
    if (gradient) {
      const rows = groupsOf(result, gradient);
      // Of tenths where they have an interval, else of the first set of groups large enough for one.
      const indices = (data.inequality[key] ?? []).filter((row) => row.indicator_id === "EQ01" && row.value !== null);
      const over = [gradient, ...DEPRIVATION].find((one) => indices.some((row) => row.breakdown === one));
      const said = indices.filter((row) => row.breakdown === over).map((row) => {
        const relative = row.statistic === "relative_index";
        const [value, lower, upper] = [row.value, row.lower, row.upper].map((one) => fixed(one, relative ? 2 : 1));
        return `${relative ? "Relative" : "Slope"} index of inequality over ${sets[over].title}: ${value}${!relative && print.scale === 100 ? " points" : ""} (${lower} to ${upper}).`;
      }).join(" ");
      parts.push(section("gradient", "Along deprivation", make("p", {}, said || "No index with an interval can be given of this measure: none is shown."),
        pair(dots(rows, gradient, county, print, "Most deprived homes first.") ?? refused("No tenth has a value with an interval."),
          groupTable(sets[gradient].title, gradient, rows, county, print, true)), unknown(result[gradient])));
    }
    for (const [kind, title, name, names] of data.part_kinds) {
      const ofYear = data.parts[`${measure.metric_id}|${measure.measure}`]?.[kind] ?? [];
      if (ofYear.length < 2) continue;
      const limited = kind === "month" ? [["Mean and control limits", 1], ["Variation"]] : [];
      const [target, word] = (kind === "month" && data.assured[`${measure.metric_id}|${measure.measure}`]) || [];
      parts.push(section(kind, title, word ? make("p", {}, `Target ${print.value(target)}: ${ASSURED[word]}`) : null, pair(partPlot(ofYear, kind, name, names, print) ?? refused(`None of the ${names} has a value.`),
        table(`Whole ${names} of the county`, [[name], ["Numerator", 1], ["Base", 1], ["Value", 1], ["95% interval", 1], ...limited],
          ofYear.map(([period, n, d, value, lower, upper, mean, low, high, variation]) => [period, count(n), count(d), print.value(value),
            value === null ? "–" : between(print.value, lower, upper),
            ...(limited.length ? [mean === null ? "–" : `${print.value(mean)} (${print.value(low)} to ${print.value(high)})`, variation ?? ""] : [])])))));
    }
    if (data.map) {
      const level = data.map.level;
      const rows = groupsOf(result, level);
      if (rows.length && result[level].compare && funnels[level]) {
        parts.push(section("map", level === "ward" ? "Map of wards" : "Map of districts", level === "ward" ? null
          : make("p", { class: "soft" }, "No boundaries of wards have landed (inbox/boundary), so districts are drawn. Nothing below wards is ever mapped."),
        pair(mapPlot(rows, level, funnels[level], print), groupTable(sets[level].title, level, rows, county, print, true))));
      }
    }
    const figures = data.inequality[key] ?? [];
    if (figures.length) parts.push(section("unequal", "How unequal, in one figure", unequal(figures, print)));
    const risks = (data.groups[key] ?? []).filter(([, , , , , , ratio]) => ratio !== null);
    if (risks.length) {
      parts.push(section("disproportion", "Over- or under-represented (EQ04)", table("Risk of a group over that of all others, where both are large enough",
        [["Group"], ["Set"], ["With it", 1], ["Base", 1], ["Others with it", 1], ["Others' base", 1], ["Risk ratio", 1], ["95% interval", 1], ["Years"], ["Alert"]],
        risks.map(([one, value, events, base, others, othersBase, ratio, lower, upper, years, alert]) => [label(one, value), sets[one].title, count(events), count(base),
          count(others), count(othersBase), fixed(ratio, 2), `${fixed(lower, 2)} to ${fixed(upper, 2)}`, years, alert ? "alert" : ""]))));
    }
    const support = data.expected[`${measure.metric_id}|${measure.variant}|${period}`] ?? [];
    if (support.length) {
      parts.push(section("expected", "Seen and expected (EQ08)", make("p", {}, "What a district would have at the county's rates for children of the same age, sex and deprivation; 100 is as expected. Compare each with 100, not with another."),
        table("Districts, by code", [["District"], ["Seen", 1], ["Expected", 1], ["Seen per 100 expected", 1], ["95% interval", 1]],
          support.map(([code, seen, expected, ratio, lower, upper]) => [label("district", code), count(seen), fixed(expected ?? 0, 1),
            ratio === null ? "too few" : fixed(ratio, 0), ratio === null ? "–" : `${fixed(lower, 0)} to ${fixed(upper, 0)}`]))));
    }
    const told = data.told[key] ?? [];
    if (told.length) {
      parts.push(section("told", "As known then, and as known now", make("p", { class: "soft" }, "A figure changes with what comes late and what is dated back."),
        table("The county's figure, the day it was told", [["Known on"], ["Numerator", 1], ["Base", 1], ["Value", 1], ["Note"]],
          [["now", count(county.numerator), count(county.denominator), print.value(county.value), ""],
            ...told.map(([day, n, d, value, rebuilt, same]) => [day, count(n), count(d), print.value(value),
              [rebuilt && "worked out later from what had come by that day", !same && "the definition has changed since"].filter(Boolean).join("; ")])])));
    }
    const others = data.comparators[key] ?? [];
    if (others.length) {
      const names = Object.keys(others[0]);
      parts.push(section("comparators", "Beside published figures", table("Figures of others", names.map((name) => [name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase()), typeof others[0][name] === "number"]),
        others.map((row) => names.map((name) => row[name] ?? "–")))));
    }
    const met = new Set(result[set]?.checks ?? []);
    parts.push(section("reading", "Is it fit to read?", make("ul", { class: "checks" }, ...Object.entries(data.checks).map(([name, text]) =>
      make("li", {}, `${met.has(name) ? "✓ yes" : "✗ no"} · ${text}`)))), trace(metric, measure, period, result, set));

    chosen.replaceChildren(...parts);
    document.getElementById("said").textContent = `Shown: ${metric.name}, ${measure.title}, ${period}, by ${sets[set]?.title ?? "everyone"}.`;
    document.title = `${metric.metric_id} ${metric.name} · ${data.council}`;
  };

  // ---- choosing ------------------------------------------------------------------------------------------------
  const keep = (box, options) => {
    const before = box.value;
    box.replaceChildren(...options);
    if ([...box.options].some((one) => one.value === before)) box.value = before;
  };
  const offer = (changed) => {
    const ofMetric = data.measures.filter((one) => one.metric_id === select.indicator.value);
    if (changed === "indicator") {
      keep(select.measure, ofMetric.map((one) => option(one.measure, one.title)));
      select.measure.value = (ofMetric.find((one) => one.headline) ?? ofMetric[0]).measure;
    }
    const measure = ofMetric.find((one) => one.measure === select.measure.value);
    if (changed !== "period" && changed !== "set") keep(select.period, measure.periods.map((one) => option(one, one + (data.periods[one].whole ? "" : " (not over yet)"))));
    const result = data.results[`${measure.metric_id}|${measure.measure}|${select.period.value}`];
    const broken = data.sets.filter((one) => one.id !== "all" && result[one.id]);
    // What is the council's and no child's has no groups.
    if (changed !== "set") keep(select.set, broken.length ? broken.map((one) => option(one.id, one.title)) : [option("all", "Everyone")]);
    render();
  };
  const families = [...new Set(data.measures.map((one) => data.metrics[one.metric_id].family))];
  select.indicator.replaceChildren(...families.map((family) => make("optgroup", { label: data.families[family] ?? family },
    ...[...new Set(data.measures.map((one) => one.metric_id))].filter((id) => data.metrics[id].family === family)
      .map((id) => option(id, `${id} ${data.metrics[id].name}`)))));
  const fromAddress = () => {
    const wanted = decodeURIComponent(location.hash.slice(1));
    if ([...select.indicator.options].some((one) => one.value === wanted)) {
      select.indicator.value = wanted;
      offer("indicator");
      chosen.focus();
    }
  };
  for (const [name, box] of Object.entries(select)) box.addEventListener("change", () => offer(name));
  document.getElementById("choose").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", fromAddress);
  document.getElementById("choose").hidden = false;
  offer("indicator");
  fromAddress();
})();
