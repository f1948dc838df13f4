import type { Plugin } from 'vite'

const dataFont = /url\((['"]?)data:font\/woff2;base64,([A-Za-z0-9+/=]+)\1\)/g

/**
 * The design system carries its fonts inside its style sheet, 140 KB of them whether they are used or not. As files of
 * their own a browser fetches the two or three that a page shows, after the page is there.
 */
export function separateFonts(): Plugin {
  return {
    name: 'separate-fonts',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('global-styles/index.css')) return undefined
      return code
        .replace(dataFont, (_, _quote: string, base64: string) => {
          const reference = this.emitFile({ type: 'asset', name: 'font.woff2', source: Buffer.from(base64, 'base64') })
          return `url(__VITE_ASSET__${reference}__)`
        })
        .replaceAll('@font-face {', '@font-face { font-display: swap;')
    },
  }
}
