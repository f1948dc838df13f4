import { applyMode, Mode } from '@cloudscape-design/global-styles'
import { useState } from 'react'

export type Theme = 'light' | 'dark'

const STORAGE_KEY = 'packyard.theme'

/** What was chosen in this browser, or else what the system prefers. */
export function readTheme(): Theme {
  const stored = readStored()
  if (stored === 'light' || stored === 'dark') return stored
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export function applyTheme(theme: Theme): void {
  applyMode(theme === 'dark' ? Mode.Dark : Mode.Light)
  document.documentElement.style.colorScheme = theme
}

/** The theme, and what changes it for now and for later visits. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(readTheme)
  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark'
    setTheme(next)
    applyTheme(next)
    store(next)
  }
  return [theme, toggle]
}

/** A browser may forbid storage; then the choice holds until the page is left. */
function readStored(): string | null {
  try {
    return window.localStorage.getItem(STORAGE_KEY)
  } catch {
    return null
  }
}

function store(theme: Theme): void {
  try {
    window.localStorage.setItem(STORAGE_KEY, theme)
  } catch {
    return
  }
}
