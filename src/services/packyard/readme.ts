import type { IOptions } from 'sanitize-html'

/** Longer ones are shown as text: rendering one must not keep other requests waiting. Unit: characters. Ours. */
const RENDERED_CHARACTERS_MAX = 300_000

/** A README as the console may show it. */
export type RenderedReadme = { readonly kind: 'html'; readonly html: string } | { readonly kind: 'text' }

/**
 * Markdown as HTML in which nothing runs, nothing is loaded and nothing looks like a part of the page around it: no
 * scripts, styles, classes, ids, forms, frames or pictures. Everything else stays text.
 */
export async function renderReadme(readme: string): Promise<RenderedReadme> {
  if (readme.length > RENDERED_CHARACTERS_MAX || isRestructured(readme)) return { kind: 'text' }
  const [{ default: MarkdownIt }, { default: sanitize }] = await Promise.all([
    import('markdown-it'),
    import('sanitize-html'),
  ])
  const markdown = new MarkdownIt({ html: true, linkify: true, maxNesting: 40 })
  // The page loads nothing from outside: what an image shows is told in its own words.
  markdown.renderer.rules.image = (tokens, at) => markdown.utils.escapeHtml(tokens[at]?.content ?? '')
  const rendered = markdown.render(readme)
  return { kind: 'html', html: sanitize(rendered, rules) }
}

/** Directives, and links as only reStructuredText writes them. */
function isRestructured(readme: string): boolean {
  return /^\.\. [\w-]+::/m.test(readme) || /^\.\. _[^:\n]+: \S/m.test(readme) || /`[^`\n<]+ <[^>\n]+>`__?/.test(readme)
}

const rules: IOptions = {
  allowedTags: (
    'h1 h2 h3 h4 h5 h6 p br hr blockquote pre code kbd samp var em strong b i u s del ins sub sup small mark abbr q cite ' +
    'ul ol li dl dt dd table thead tbody tfoot tr th td caption a details summary'
  ).split(' '),
  allowedAttributes: {
    a: ['href', 'title', 'rel', 'target'],
    ol: ['start'],
    th: ['colspan', 'rowspan'],
    td: ['colspan', 'rowspan'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  nestingLimit: 60,
  transformTags: {
    // Where to it leads is not ours, and it must learn nothing of where it is read.
    a: (_name, { href, title }) => ({
      tagName: 'a',
      attribs: {
        ...(href !== undefined && /^(https?:|mailto:)/i.test(href) && { href }),
        ...(title !== undefined && { title }),
        rel: 'noopener noreferrer nofollow ugc',
        target: '_blank',
      },
    }),
  },
  // Of a picture that was a link nothing is left to be clicked.
  exclusiveFilter: ({ tag, text }) => tag === 'a' && text.trim() === '',
}
