import Tabs, { type TabsProps } from '@cloudscape-design/components/tabs'
import { useQueryParameter } from '../routing/location.ts'

interface TabViewProps {
  readonly label: string
  readonly tabs: readonly TabsProps.Tab[]
}

/** Tabs whose choice stands in the address. */
export function TabView({ label, tabs }: TabViewProps) {
  const [chosen, choose] = useQueryParameter('tab')
  const active = tabs.some(({ id }) => id === chosen) ? chosen : (tabs[0]?.id ?? '')
  return (
    <Tabs
      ariaLabel={label}
      i18nStrings={{ scrollLeftAriaLabel: 'Earlier tabs', scrollRightAriaLabel: 'Further tabs' }}
      tabs={tabs}
      activeTabId={active}
      onChange={({ detail }) => choose(detail.activeTabId === tabs[0]?.id ? '' : detail.activeTabId)}
    />
  )
}
