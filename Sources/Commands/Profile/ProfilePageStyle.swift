/// The style sheet of a profile page: light and dark by what the reader prefers; every pair of colours has a contrast of at
/// least 4.5 to 1 (WCAG 2.2 AA).
let profilePageStyle: StaticString = """
  :root { color-scheme: light dark; --ground: #fff; --card: #f6f7f9; --ink: #1b1f24; --quiet: #565f6b; --line: #d5dae1;
    --bar: #2f6fb5; --link: #1d5a9e; }
  @media (prefers-color-scheme: dark) {
    :root { --ground: #14171b; --card: #1d2127; --ink: #e6e9ed; --quiet: #a3adb9; --line: #363d47; --bar: #6ea8e6;
      --link: #8fbdf0; }
  }
  * { box-sizing: border-box; }
  body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 72rem; background: var(--ground); color: var(--ink);
    font: 16px/1.5 system-ui, sans-serif; }
  h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
  h2 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
  p { margin: .25rem 0 1rem; color: var(--quiet); }
  a { color: var(--link); }
  a:focus-visible { outline: 3px solid var(--bar); outline-offset: 2px; }
  .scroll { overflow-x: auto; margin: 1.5rem 0 2.5rem; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  .scroll table { width: 100%; }
  caption { text-align: left; color: var(--quiet); padding-bottom: .4rem; font-size: .875rem; }
  th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
    font-weight: 400; }
  thead th { color: var(--quiet); font-size: .875rem; white-space: nowrap; }
  td.number, th.number { text-align: right; white-space: nowrap; }
  td.value, th.name { overflow-wrap: anywhere; }
  article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1.1rem 1.25rem;
    margin: 0 0 1rem; }
  article header { display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; margin-bottom: .75rem; }
  .kind { color: var(--quiet); font-size: .875rem; }
  .reason { flex-basis: 100%; margin: -.35rem 0 0; font-size: .875rem; overflow-wrap: anywhere; }
  ul { margin: 0 0 1rem; padding-left: 1.25rem; }
  .parts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1.25rem 2rem;
    align-items: start; }
  .parts table { width: 100%; }
  .scroll tr > :last-child { padding-right: 0; }
  .parts td:last-child, .parts th:last-child { padding-right: 0; }
  .parts tr:last-child > * { border-bottom: 0; }
  figure { margin: 0; }
  figcaption { color: var(--quiet); font-size: .875rem; padding-bottom: .4rem; }
  svg { display: block; width: 100%; height: 8rem; }
  svg rect { fill: var(--bar); }
  .ends { display: flex; justify-content: space-between; gap: 1rem; font-size: .875rem; color: var(--quiet);
    border-top: 1px solid var(--line); padding-top: .2rem; font-variant-numeric: tabular-nums; }
  @media print { article { break-inside: avoid; } }
  """
