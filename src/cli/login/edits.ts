/** Changes to the text of configuration files that leave everything else in them as it is. */

/** Gives `key` a value in a file of `key=value` lines. */
export function setLine(text: string, key: string, line: string): string {
  const kept = text.split('\n').filter((one) => one.split('=', 1)[0]?.trim() !== key)
  const body = kept.join('\n').trimEnd()
  return `${body === '' ? '' : `${body}\n`}${line}\n`
}

/** Gives keys their values in one section of an INI file. */
export function setInSection(text: string, section: string, values: Readonly<Record<string, string>>): string {
  const lines = text === '' ? [] : text.trimEnd().split('\n')
  const at = lines.findIndex((line) => line.trim() === `[${section}]`)
  const added = Object.entries(values).map(([key, value]) => `${key} = ${value}`)
  if (at < 0) return `${[...lines, ...(lines.length > 0 ? [''] : []), `[${section}]`, ...added].join('\n')}\n`
  const next = lines.findIndex((line, index) => index > at && /^\s*\[/.test(line))
  const end = next < 0 ? lines.length : next
  const kept = lines.slice(at + 1, end).filter((line) => !Object.hasOwn(values, line.split(/[=:]/, 1)[0]?.trim() ?? ''))
  return `${[...lines.slice(0, at + 1), ...added, ...kept, ...lines.slice(end)].join('\n')}\n`
}

/** Our own lines, between two comments by which they are found again. */
export function setBlock(text: string, comment: string, block: string): string {
  const [from, to] = [`${comment} packyard login: from here`, `${comment} packyard login: to here`]
  const start = text.indexOf(from)
  const end = text.indexOf(to)
  const rest = start >= 0 && end > start ? text.slice(0, start) + text.slice(end + to.length).replace(/^\n/, '') : text
  const body = rest.trimEnd()
  return `${body === '' ? '' : `${body}\n\n`}${from}\n${block.trimEnd()}\n${to}\n`
}

/**
 * Puts an element that `mark` identifies into its parent, instead of an older one; the parent and the document are made
 * where there is none.
 */
export function setElement(
  text: string,
  {
    root,
    parent,
    mark,
    element,
  }: { readonly root: string; readonly parent: string; readonly mark: RegExp; readonly element: string },
): string {
  const document = text.trim() === '' ? `<${root}>\n</${root}>\n` : text
  const cleared = document.replace(mark, '')
  const opening = new RegExp(`<${parent}(?:\\s[^>]*)?>`).exec(cleared)
  const insertAt = opening ? opening.index + opening[0].length : cleared.lastIndexOf(`</${root}>`)
  if (insertAt < 0) throw new TypeError(`no <${root}> in the file`)
  const inserted = opening ? `\n    ${element}` : `  <${parent}>\n    ${element}\n  </${parent}>\n`
  const whole = cleared.replace(new RegExp(`<${parent}\\s*/>`), `<${parent}>\n  </${parent}>`)
  if (whole !== cleared) return setElement(whole, { root, parent, mark, element })
  return cleared.slice(0, insertAt) + inserted + cleared.slice(insertAt)
}
