import { createHash } from 'node:crypto'
import { markup, renderHtml, type Html } from './html.ts'
import { STYLE } from './html-style.ts'
import type { Redact } from './log.ts'

export interface HtmlPage {
  /** Of the window, and the page's heading. */
  readonly title: string
  /** What stands above the heading, in a word or two. */
  readonly kicker: string
  /** What stands beside the heading: the state, usually. */
  readonly badge?: Html
  /** Below the heading: where and when. */
  readonly lead: Html
  readonly body: Html
  readonly footer: Html
}

/**
 * One self-contained page: no script, no network, no image but inline SVG, and a policy that lets the browser take
 * nothing else, whatever foreign text stands in it. Light and dark by the reader's preference, on paper light.
 */
export function htmlPage({ title, kicker, badge, lead, body, footer }: HtmlPage, redact: Redact): string {
  const style = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`
  const policy = `default-src 'none'; style-src '${style}'; img-src data:; base-uri 'none'; form-action 'none'`
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${{ pieces: [{ markup: STYLE }] }}</style>
</head>
<body>
<header class="page">
<p class="kicker">${kicker}</p>
<div class="headline"><h1>${title}</h1>${badge}</div>
<p class="lead">${lead}</p>
</header>
<main class="page">
${body}
</main>
<footer class="page">${footer}</footer>
</body>
</html>
`
  return renderHtml(page, redact)
}
