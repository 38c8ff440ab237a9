/**
 * The one style sheet of every page. Colours hold 4.5 to 1 against what is behind them, in light and dark (a test
 * measures it); shapes in charts 3 to 1.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --sunken: #eef0f3; --line: #d9dde3; --text: #1b1f26; --soft: #545c69;
  --good: #116534; --good-mark: #2a9455; --good-tint: #e3f4e9;
  --bad: #b3170f; --bad-mark: #d9362b; --bad-tint: #fdeae8;
  --warn: #7a4a00; --warn-mark: #b87503; --warn-tint: #fdf1da;
  --none: #545c69; --none-mark: #7b8493; --none-tint: #e9ecf0;
  --accent: #1f5fbf; --accent-mark: #3b78d4; --accent-tint: #dce8fa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101318; --card: #191d24; --sunken: #12161c; --line: #313843; --text: #e8ebef; --soft: #a4adba;
    --good: #6fd396; --good-mark: #3fae6c; --good-tint: #16301f;
    --bad: #ff9d94; --bad-mark: #f0635a; --bad-tint: #3c1a18;
    --warn: #f3c069; --warn-mark: #d79a33; --warn-tint: #37290f;
    --none: #a4adba; --none-mark: #7f8997; --none-tint: #262c35;
    --accent: #8db8f7; --accent-mark: #5b93e6; --accent-tint: #1b2b45;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; overflow-wrap: anywhere; }
.page { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
header.page { padding-top: 2rem; }
footer.page { padding: 1rem 1rem 3rem; color: var(--soft); font-size: .875rem; }
h1, h2, h3, h4, p { margin: 0; }
h1 { font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.25rem); line-height: 1.15; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; line-height: 1.3; }
h3 { font-size: 1rem; line-height: 1.4; }
h4 { font-size: .875rem; line-height: 1.4; color: var(--soft); font-weight: 600; }
.kicker { color: var(--soft); font-size: .8125rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; }
.headline { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin: .25rem 0 .5rem; }
.headline .badge { font-size: 1rem; padding: .25rem .875rem; }
.lead, .intro { color: var(--soft); }
.intro { margin: .25rem 0 .75rem; }
section { margin: 2rem 0 0; }
section > h2 { margin-bottom: .5rem; }
a { color: var(--accent); }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em; }
pre { margin: .5rem 0 0; padding: .75rem 1rem; background: var(--sunken); border: 1px solid var(--line); border-radius: .5rem; white-space: pre-wrap; font-size: .8125rem; line-height: 1.5; }
.badge { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .875rem; font-weight: 600; white-space: nowrap; }
.badge.good { background: var(--good-tint); color: var(--good); }
.badge.bad { background: var(--bad-tint); color: var(--bad); }
.badge.warn { background: var(--warn-tint); color: var(--warn); }
.badge.none { background: var(--none-tint); color: var(--none); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.5rem), 1fr)); gap: .75rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-top: .25rem solid var(--none-mark); border-radius: .5rem; padding: .75rem 1rem; }
.tile.good { border-top-color: var(--good-mark); }
.tile.bad { border-top-color: var(--bad-mark); }
.tile.warn { border-top-color: var(--warn-mark); }
.tile h3 { font-size: .875rem; font-weight: 600; color: var(--soft); }
.tile .value { font-size: 1.375rem; line-height: 1.3; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile .note { font-size: .875rem; color: var(--soft); }
.alarms { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
.alarm { background: var(--card); border: 1px solid var(--line); border-left: .375rem solid var(--bad-mark); border-radius: .5rem; padding: .75rem 1rem; }
.alarm.warn { border-left-color: var(--warn-mark); }
.alarm h3 { color: var(--bad); }
.alarm.warn h3 { color: var(--warn); }
.alarm .hint { color: var(--soft); margin-top: .25rem; }
.notes { margin: 0; padding-left: 1.25rem; color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: 0 0 .375rem; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 600; background: var(--sunken); overflow-wrap: normal; }
tbody th { font-weight: 600; }
th.number, td.number { text-align: right; white-space: nowrap; }
.facts { margin: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); gap: .5rem 1.5rem; }
.facts dt { font-size: .8125rem; color: var(--soft); }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
.facts + table { margin-top: 1rem; }
details { margin-top: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
details details { background: none; }
summary { cursor: pointer; padding: .5rem 1rem; font-weight: 600; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: .5rem; }
details > .inside { padding: .25rem 1rem 1rem; }
details > .inside > table { border: 0; }
summary .name { margin-right: .5rem; font-size: 1.0625rem; }
figure { margin: 1.25rem 0 0; }
figcaption { font-size: .875rem; font-weight: 600; color: var(--soft); margin-bottom: .375rem; }
figure.scaled { display: grid; grid-template-columns: 5.25rem 1fr; gap: 0 .5rem; }
figure.scaled figcaption { grid-column: 1 / -1; }
.scale { display: flex; flex-direction: column; justify-content: space-between; height: 6.5rem; text-align: right; line-height: 1; }
.scale, .span, .legend { font-size: .75rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.span { display: flex; justify-content: space-between; }
.legend { display: flex; flex-wrap: wrap; gap: .125rem 1rem; margin-top: .25rem; }
.key::before { content: ""; display: inline-block; width: .625rem; height: .625rem; border-radius: 50%; margin-right: .375rem; background: var(--none-mark); }
.key.accent::before { background: var(--accent-mark); } .key.good::before { background: var(--good-mark); } .key.bad::before { background: var(--bad-mark); }
svg { display: block; fill: none; }
svg.timeline { width: 100%; height: 3rem; }
svg.series { width: 100%; height: 6.5rem; }
svg path { vector-effect: non-scaling-stroke; }
.track { stroke: var(--line); stroke-width: 1px; }
.grid { stroke: var(--line); stroke-width: 1px; stroke-dasharray: 2 4; }
.line { stroke: var(--accent-mark); stroke-width: 1.5px; opacity: .7; }
.limit { stroke: var(--bad-mark); stroke-width: 1.5px; stroke-dasharray: 6 4; }
.mark { stroke: var(--none-mark); stroke-linecap: round; stroke-width: 9px; }
.mark.dense { stroke-width: 4px; }
.mark.accent { stroke: var(--accent-mark); } .mark.good { stroke: var(--good-mark); } .mark.bad { stroke: var(--bad-mark); } .mark.warn { stroke: var(--warn-mark); }
.gauges { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)); gap: 1rem; margin: .75rem 0; text-align: center; }
.gauge { width: 9rem; height: auto; margin: 0 auto; }
.gauge .track, .gauge .value { stroke-width: 12px; stroke-linecap: butt; }
.gauge .track { stroke: var(--none-tint); }
.gauge .value.good { stroke: var(--good-mark); } .gauge .value.bad { stroke: var(--bad-mark); }
.gauge .target { stroke: var(--text); stroke-width: 2px; }
.gauges .value { font-size: 1.25rem; font-weight: 650; line-height: 1.3; }
.gauges .note, p.note { font-size: .875rem; color: var(--soft); }
.inside > .facts { margin-top: 1.25rem; }
.inside > h4 { margin-top: 1rem; }
@media (max-width: 40rem) {
  .tile { padding: .75rem; }
  .tile .value { font-size: 1.25rem; }
  figure.scaled { grid-template-columns: 4.25rem 1fr; }
  table, thead, tbody, tr, th, td { display: block; }
  table { border: 0; background: none; }
  caption { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  tbody tr { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; margin-bottom: .5rem; }
  tbody th, tbody td { border: 0; padding: .125rem 0; }
  tbody th.text, tbody td.text, tbody td.number { text-align: left; white-space: normal; }
  tbody td { display: grid; grid-template-columns: minmax(6.5rem, 32%) 1fr; gap: .75rem; justify-items: start; }
  tbody td::before { content: attr(data-label); color: var(--soft); }
}
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --sunken: #f3f4f6; --line: #c4cad3; --text: #000; --soft: #444c58;
    --good: #116534; --good-mark: #2a9455; --good-tint: #e3f4e9; --bad: #b3170f; --bad-mark: #d9362b; --bad-tint: #fdeae8;
    --warn: #7a4a00; --warn-mark: #b87503; --warn-tint: #fdf1da; --none: #545c69; --none-mark: #7b8493; --none-tint: #e9ecf0;
    --accent: #1f5fbf; --accent-mark: #3b78d4; --accent-tint: #dce8fa; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10.5pt; }
  .page { max-width: none; padding: 0; }
  section, .tile, .alarm, tr, svg, figure { break-inside: avoid; }
  section:has(> details), section:has(table) { break-inside: auto; }
  h2, h3, summary { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`
