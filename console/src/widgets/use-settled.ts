import { useEffect, useState } from 'react'

/** How long one has to pause for a text to count as typed. Unit: ms. Ours. */
const PAUSE_MS = 200

/** A text that is being typed, as it was at the last pause: so that not every letter is a request. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
