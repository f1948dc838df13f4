/** An address that a package's author wrote: a link when it leads to a web page, and plain text when it is anything else. */
export function OutsideLink({ address, text = address }: { readonly address: string; readonly text?: string }) {
  if (!isWebAddress(address)) return <span>{text}</span>
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      {text}
    </a>
  )
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}
