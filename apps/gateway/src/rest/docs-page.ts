import { createHash } from 'node:crypto';
import { notifications } from '@parley/rcml';
import { describedFields, type DescribedField } from './openapi.ts';
import type { Operation } from './operation.ts';
import { REFUSALS } from './rest-refusal.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 3rem; border-bottom: 1px solid; } h3 { margin: 2rem 0 0; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { overflow-x: auto; white-space: pre-wrap; border: 1px solid; border-radius: .3rem; padding: .6rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #8886; }
nav ul { columns: 14rem; padding-left: 1.2rem; }
th code { overflow-wrap: normal; }
@media (max-width: 45rem) {
  thead { display: none; } tr, td, th { display: block; border: 0; padding-right: 0; }
  tr { border-bottom: 1px solid #8886; padding: .4rem 0; }
}
:target { outline: 2px solid; outline-offset: .2rem; }
`;

/** The page for people, and the policy it is served with: nothing runs, and only its own style is used. */
export function docsPage(operations: readonly Operation[]): {
  readonly html: string;
  readonly policy: string;
} {
  const groups = Map.groupBy(operations, ({ path }) => path.split('/')[1] || 'Account');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Parley REST API</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Parley REST API</h1>
<p>Every path is below <code>/2012-04-24/Accounts/{AccountSid}</code>; <code>/2010-04-01</code> and
<code>/restcomm/2012-04-24</code> are the same. Send the account’s sid and token, or an API key’s sid and secret, as Basic
authorization; forms in, JSON out. For programs: <a href="/openapi.json">openapi.json</a>.</p>
<pre>curl -u "$ACCOUNT_SID:$AUTH_TOKEN" "$GATEWAY/2012-04-24/Accounts/$ACCOUNT_SID/Calls.json" \\
  -d From=client:alice -d To=client:jenny --data-urlencode 'Rcml=&lt;Response&gt;&lt;Say&gt;Hello&lt;/Say&gt;&lt;/Response&gt;'</pre>
<nav aria-label="Contents"><ul>
${[...groups.keys()].map((name) => `<li><a href="#${name}">${name}</a></li>`).join('\n')}
<li><a href="#refusals">Refusals</a></li>
<li><a href="#notifications">Numbers of notifications</a></li>
</ul></nav>
</header>
<main>
${[...groups].map(([name, members]) => `<h2 id="${name}">${name}</h2>\n${members.map(section).join('\n')}`).join('\n')}
<h2 id="refusals">Refusals</h2>
<p>The body is <code>{"code", "message", "more_info", "status"}</code>.</p>
${table(
  ['Code', 'Status', 'Meaning'],
  Object.values(REFUSALS).map(([status, code, meaning]) => [
    [`refusal-${code}`, String(code)],
    String(status),
    meaning,
  ]),
)}
<h2 id="notifications">Numbers of notifications</h2>
${table(['Code', 'What happened', 'What would be right'], notificationRows())}
</main>
</body>
</html>
`;
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

function section({ id, method, path, summary, input }: Operation): string {
  const fields = describedFields(input);
  const rows = fields.map((field): Cells => [
    [`${id}-${field.name}`, field.name],
    kindOf(field),
    field.description,
  ]);
  return `<section aria-labelledby="${id}">
<h3 id="${id}"><code>${method} ${path === '' ? '/Accounts/{AccountSid}' : escape(path)}.json</code></h3>
<p>${prose(summary)}</p>
${rows.length === 0 ? '' : table([method === 'GET' ? 'Query' : 'Form', 'Value', 'Meaning'], rows)}
</section>`;
}

function kindOf({ schema, required }: DescribedField): string {
  const { type, enum: words, default: fallback, minimum, maximum, items } = schema;
  const among = Array.isArray(words)
    ? words
    : isRecord(items) && Array.isArray(items['enum'])
      ? items['enum']
      : [];
  const parts = [
    required ? 'required' : '',
    among.length > 0 ? among.join(' | ') : typeof type === 'string' ? type : 'text',
    typeof minimum === 'number' && typeof maximum === 'number' ? `${minimum} to ${maximum}` : '',
    fallback === undefined ? '' : `default ${JSON.stringify(fallback).replaceAll('"', '')}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A cell, or one that can be linked to: its id and what it shows. */
type Cells = readonly (string | readonly [id: string, text: string])[];

function notificationRows(): readonly Cells[] {
  const byCode = Map.groupBy(Object.values(notifications), ({ code }) => code);
  return [...byCode]
    .toSorted(([a], [b]) => a - b)
    .map(([code, kinds]): Cells => [
      [`notification-${code}`, String(code)],
      kinds.map(({ description }) => description).join(' '),
      kinds.map(({ remedy }) => remedy).join(' '),
    ]);
}

function table(heads: readonly string[], rows: readonly Cells[]): string {
  const head = heads.map((text) => `<th scope="col">${escape(text)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map(cell).join('')}</tr>`).join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

function cell(content: Cells[number]): string {
  if (typeof content === 'string') return `<td>${prose(content)}</td>`;
  const [id, text] = content;
  return `<th scope="row" id="${escape(id)}"><code>${escape(text)}</code></th>`;
}

/** Text in which backquotes mark code. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
