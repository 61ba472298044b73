namespace Sks.HkpAdapter.Pages;

/// <summary>How pages look: the only place.</summary>
internal static class PageStyle
{
    public const string Css = """

        :root { color-scheme: light dark; --ink: #1d2530; --soft: #5b6675; --line: #d9dfe7; --paper: #ffffff; --ground: #f4f6f9;
          --accent: #1f5fae; --warn: #b3261e; --warn-ground: #fdeceb; --good: #1b7a43; --good-ground: #e7f5ec; --note: #fff7df; --note-line: #ecd48a; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --soft: #9aa7b8; --line: #313b49; --paper: #1a212b; --ground: #11161d;
          --accent: #7fb2f0; --warn: #ff9a92; --warn-ground: #3a1f1e; --good: #7fd6a2; --good-ground: #173225; --note: #2f2a17; --note-line: #6b5a1f; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        a { color: var(--accent); text-decoration: none; }
        a:hover, a:focus { text-decoration: underline; }
        header { background: var(--paper); border-bottom: 1px solid var(--line); }
        .bar, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
        .bar { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; padding-top: .9rem; padding-bottom: .9rem; }
        .brand { font-weight: 650; color: var(--ink); font-size: 1.1rem; }
        .find { display: flex; flex: 1 1 20rem; gap: .5rem; }
        input[type=search], textarea { flex: 1; width: 100%; min-width: 0; padding: .55rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--ground); color: inherit; font: inherit; }
        textarea { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .85rem; resize: vertical; }
        input:focus, textarea:focus, button:focus { outline: 2px solid var(--accent); outline-offset: 1px; }
        button { padding: .55rem 1.1rem; border: 0; border-radius: .5rem; background: var(--accent); color: var(--paper); font: inherit; font-weight: 600; cursor: pointer; }
        main { padding-top: 1.5rem; padding-bottom: 2rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.1rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
        h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; overflow-wrap: anywhere; }
        .card { background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; padding: 1.1rem 1.25rem; margin: 0 0 1rem; }
        .card > :last-child { margin-bottom: 0; }
        .note { background: var(--note); border: 1px solid var(--note-line); border-radius: .5rem; padding: .55rem .9rem; margin: 0 0 1.25rem; font-size: .88rem; }
        .soft { color: var(--soft); }
        .mono { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .9em; overflow-wrap: anywhere; }
        .tag { display: inline-block; padding: 0 .5rem; border-radius: 1rem; font-size: .78rem; font-weight: 600; background: var(--ground); color: var(--soft); border: 1px solid var(--line); vertical-align: .1em; }
        .tag.warn { background: var(--warn-ground); color: var(--warn); border-color: transparent; }
        .tag.good { background: var(--good-ground); color: var(--good); border-color: transparent; }
        ul.uids { list-style: none; margin: .5rem 0; padding: 0; }
        ul.uids li { padding: .1rem 0; overflow-wrap: anywhere; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .5rem 0 0; }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        .actions { margin: .8rem 0 0; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; }
        table.signatures { table-layout: fixed; min-width: 56rem; }
        table.signatures th:nth-child(1) { width: 8.5rem; }
        table.signatures th:nth-child(2) { width: 11rem; }
        table.signatures th:nth-child(3), table.signatures th:nth-child(4), table.signatures th:nth-child(5) { width: 7rem; }
        table.signatures th:nth-child(7) { width: 14rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { color: var(--soft); font-weight: 600; }
        tr:last-child td { border-bottom: 0; }
        td.number, th.number { text-align: right; }
        td.name { overflow-wrap: anywhere; }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; align-items: start; }
        footer { padding-top: 1rem; padding-bottom: 2rem; color: var(--soft); font-size: .9rem; }
        footer a { margin-right: 1rem; }

        """;
}
