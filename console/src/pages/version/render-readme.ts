import createPurifier, { type DOMPurify } from 'dompurify'
import { marked } from 'marked'

/** What a README may be made of. Nothing that loads, runs, styles or takes input. */
const allowed = {
  ALLOWED_TAGS: (
    'a abbr b blockquote br caption code col colgroup dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li ' +
    'mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var'
  ).split(' '),
  ALLOWED_ATTR: ['href', 'title', 'alt', 'align', 'colspan', 'rowspan', 'start', 'open'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const

/** Markdown, with the HTML that may stand in it, as nodes that are safe to be shown. */
export function renderReadme(text: string): DocumentFragment {
  const html = marked.parse(text, { async: false, gfm: true })
  return purifier().sanitize(html, {
    ...allowed,
    ALLOWED_TAGS: [...allowed.ALLOWED_TAGS],
    ALLOWED_ATTR: [...allowed.ALLOWED_ATTR],
  })
}

function purifier(): DOMPurify {
  const purify = createPurifier(window)
  purify.addHook('afterSanitizeAttributes', (node) => {
    if (node.nodeName === 'A') tameLink(node)
    if (node.nodeName === 'IMG') replaceImage(node)
  })
  return purify
}

/** Leads out of the console, to a web page or a mailbox; one that leads elsewhere is no link. */
function tameLink(link: Element): void {
  if (!/^(?:https?:\/\/|mailto:)/i.test(link.getAttribute('href') ?? '')) link.removeAttribute('href')
  link.setAttribute('target', '_blank')
  link.setAttribute('rel', 'noopener noreferrer nofollow')
}

/** A picture would tell its host who reads here; what it shows stands in its place. */
function replaceImage(image: Element): void {
  const text = image.getAttribute('alt') ?? ''
  image.replaceWith(document.createTextNode(text === '' ? '' : `[${text}]`))
}
