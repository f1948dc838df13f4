import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import './copied-text.css'

interface CopiedTextProps {
  /** What the text is, for those who do not see it: `ARN`, `.npmrc`. */
  readonly what: string
  readonly text: string
}

/** A line to copy. */
export function CopiedText({ what, text }: CopiedTextProps) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={`Copy ${what}`}
      copySuccessText="Copied"
      copyErrorText="The browser did not allow it"
    />
  )
}

/** Lines for a shell or a file, to copy at once. */
export function CopiedBlock({ what, text }: CopiedTextProps) {
  return (
    <div className="copied-block">
      {/* Within reach of the keyboard, which scrolls a long line. */}
      <pre tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <CopyToClipboard
        copyButtonText="Copy"
        textToCopy={text}
        copyButtonAriaLabel={`Copy ${what}`}
        copySuccessText="Copied"
        copyErrorText="The browser did not allow it"
      />
    </div>
  )
}
