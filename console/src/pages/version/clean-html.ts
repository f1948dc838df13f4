import createPurifier, { type Config } from 'dompurify'

/** What a README may be made of. Nothing that loads, runs, styles or takes input. */
const allowed = {
  ALLOWED_TAGS: (
    'a abbr b blockquote br caption cite code dd del details dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q ' +
    's samp small strong sub summary sup table tbody td tfoot th thead tr u ul var'
  ).split(' '),
  ALLOWED_ATTR: ['href', 'title', 'colspan', 'rowspan', 'start', 'rel', 'target'],
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
} satisfies Config

/**
 * The server's HTML of somebody else's text as nodes to be shown. The server has cleaned it with a parser of its own; here
 * the browser's parser has the last word, so that what the two might read differently does no harm.
 */
export function cleanHtml(html: string): DocumentFragment {
  return createPurifier(window).sanitize(html, { ...allowed, RETURN_DOM_FRAGMENT: true })
}
