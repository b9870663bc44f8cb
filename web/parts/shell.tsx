/** The frame of every page: navigation, search, appearance, who is signed in, keys, what to know about the connection. */
import {
  ActionIcon,
  Alert,
  Menu,
  Modal,
  Stack,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import {
  IconArrowsExchange,
  IconBuilding,
  IconCalendarRepeat,
  IconChecklist,
  IconClipboardCheck,
  IconCoins,
  IconDatabaseImport,
  IconDeviceDesktop,
  IconFileInvoice,
  IconFileText,
  IconHistoryToggle,
  IconHome,
  IconKeyboard,
  IconLogout,
  IconMenu2,
  IconMoon,
  IconReportSearch,
  IconSearch,
  IconSettings,
  IconSun,
  IconUserCircle,
  IconUserEdit,
  IconUsers,
  IconX,
} from '@tabler/icons-react';
import { onlineManager } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { write } from '../data/client.ts';
import { useMay, useSession } from '../data/session.ts';
import { ROLES } from '../words/names.ts';
import { useGo } from './link.tsx';
import { SearchPalette } from './search-palette.tsx';
import { isTyping } from './table.tsx';

interface Entry {
  readonly to: string;
  readonly words: string;
  readonly sign: typeof IconHome;
  readonly action: string;
}
const at = (to: string, words: string, sign: typeof IconHome, action: string): Entry => ({
  to,
  words,
  sign,
  action,
});

const GROUPS: readonly { readonly title: string | null; readonly entries: readonly Entry[] }[] = [
  {
    title: null,
    entries: [
      at('/', 'Today', IconHome, 'report:read'),
      at('/bill-runs', 'Bill runs', IconChecklist, 'bill-run:read'),
      at('/receivables', 'Receivables', IconCoins, 'report:read'),
      at('/cash', 'Cash', IconArrowsExchange, 'payment:read'),
      at('/renewals', 'Renewals', IconCalendarRepeat, 'renewal:read'),
      at('/purchase-orders', 'Purchase orders', IconClipboardCheck, 'renewal:read'),
    ],
  },
  {
    title: 'Look up',
    entries: [
      at('/contracts', 'Contracts', IconFileText, 'contract:read'),
      at('/accounts', 'Customers', IconUsers, 'account:read'),
      at('/invoices', 'Invoices', IconFileInvoice, 'invoice:read'),
    ],
  },
  {
    title: 'Check',
    entries: [
      at('/findings', 'Findings', IconReportSearch, 'finding:read'),
      at('/corrections', 'Corrections', IconUserEdit, 'correction:read'),
      at('/rehearsals', 'Rehearsal', IconHistoryToggle, 'clock:read'),
      at('/company', 'Company', IconBuilding, 'settings:read'),
      at('/import', 'Import', IconDatabaseImport, 'import:read'),
      at('/settings', 'Settings', IconSettings, 'session:read'),
    ],
  },
];

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search in the list'],
  ['Ctrl K', 'Search everywhere'],
  ['j  k', 'Down, up'],
  ['x', 'Choose the row'],
  ['Enter', 'Open the row'],
  ['Esc', 'Close the sheet, leave the search'],
  ['a  u  m  n', 'On a payment: allocate, undo, move, the next case'],
  ['Ctrl Enter', 'Do what the question asks'],
  ['g t', 'Go to Today (b: bill runs, r: receivables, c: cash, o: purchase orders)'],
  ['?', 'This list'],
];
const GO_KEYS: Readonly<Record<string, string>> = {
  t: '/',
  b: '/bill-runs',
  r: '/receivables',
  c: '/cash',
  o: '/purchase-orders',
};

export function Shell({ children }: { children: ReactNode }) {
  const [menu, setMenu] = useState(false);
  const [searching, setSearching] = useState(false);
  const [keys, setKeys] = useState(false);
  const { pathname } = useLocation();
  useGlobalKeys(
    () => setSearching(true),
    () => setKeys(true),
  );
  useEffect(() => setMenu(false), [pathname]);
  return (
    <div className="frame">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <div className="top-bar">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={menu ? 'Close the menu' : 'Open the menu'}
          aria-expanded={menu}
          onClick={() => setMenu(!menu)}
        >
          {menu ? <IconX size={20} /> : <IconMenu2 size={20} />}
        </ActionIcon>
        <Brand />
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          ml="auto"
          aria-label="Search everywhere"
          onClick={() => setSearching(true)}
        >
          <IconSearch size={20} />
        </ActionIcon>
      </div>
      <nav className={menu ? 'side open page' : 'side'} aria-label="Main">
        <Side search={() => setSearching(true)} showKeys={() => setKeys(true)} />
      </nav>
      {!menu && (
        <main className="page" id="page">
          <ConnectionNotice />
          {children}
        </main>
      )}
      <SearchPalette opened={searching} close={() => setSearching(false)} />
      <Modal opened={keys} onClose={() => setKeys(false)} title="Keys">
        <Stack gap="xs">
          {KEYS.map(([key, words]) => (
            <Text key={key}>
              <span className="key">{key}</span> {words}
            </Text>
          ))}
        </Stack>
      </Modal>
    </div>
  );
}

function Brand() {
  return (
    <a className="brand" href="/" style={{ padding: 0 }}>
      <img src="/mark.svg" width={26} height={26} alt="" />
      Perennial
    </a>
  );
}

function Side({ search, showKeys }: { search: () => void; showKeys: () => void }) {
  const may = useMay();
  const { temporalUiUrl, user } = useSession();
  return (
    <>
      <div style={{ padding: '4px 8px 16px' }} className="brand-place">
        <Brand />
      </div>
      <UnstyledButton className="side-link" onClick={search}>
        <IconSearch size={18} stroke={1.7} aria-hidden />
        Search
        <span className="key" style={{ marginLeft: 'auto' }}>
          Ctrl K
        </span>
      </UnstyledButton>
      {GROUPS.map(({ title, entries }) => {
        const open = entries.filter(({ action }) => action === 'session:read' || may(action));
        if (open.length === 0) return null;
        return (
          <div key={title ?? 'first'} style={{ display: 'grid', gap: 2 }}>
            {title !== null && <div className="side-title">{title}</div>}
            {open.map((entry) => (
              <SideLink key={entry.to} entry={entry} />
            ))}
          </div>
        );
      })}
      <div className="side-foot">
        {temporalUiUrl !== null && (
          <a className="side-link quiet" href={temporalUiUrl} target="_blank" rel="noreferrer">
            For operators: Temporal
          </a>
        )}
        <Appearance />
        <Menu position="top-start" width={220}>
          <Menu.Target>
            <UnstyledButton className="side-link">
              <IconUserCircle size={18} stroke={1.7} aria-hidden />
              <span>
                {user.name}
                <span className="sub">{ROLES[user.role]}</span>
              </span>
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={showKeys}>
              Keys
            </Menu.Item>
            <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
              Sign out
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </>
  );
}

async function signOut(): Promise<void> {
  await write('DELETE', '/session');
  window.location.assign('/');
}

function SideLink({ entry: { to, words, sign: Sign } }: { entry: Entry }) {
  const { pathname } = useLocation();
  const go = useGo();
  const here = to === '/' ? pathname === '/' : pathname.startsWith(to);
  return (
    <a
      className="side-link"
      href={to}
      aria-current={here ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      <Sign size={18} stroke={1.7} aria-hidden />
      {words}
    </a>
  );
}

const APPEARANCES = [
  ['light', 'Light', IconSun],
  ['dark', 'Dark', IconMoon],
  ['auto', 'As the system', IconDeviceDesktop],
] as const;

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [, words, Sign] = APPEARANCES.find(([name]) => name === colorScheme) ?? APPEARANCES[2];
  return (
    <Menu position="top-start" width={200}>
      <Menu.Target>
        <UnstyledButton className="side-link">
          <Sign size={18} stroke={1.7} aria-hidden />
          {words}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {APPEARANCES.map(([name, label, Icon]) => (
          <Menu.Item
            key={name}
            leftSection={<Icon size={16} />}
            onClick={() => setColorScheme(name)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ConnectionNotice() {
  const online = useSyncExternalStore(
    (changed) => onlineManager.subscribe(changed),
    () => onlineManager.isOnline(),
  );
  if (online) return null;
  return (
    <Alert color="yellow" mb="md" role="status" title="There is no connection just now">
      What was approved or saved goes on by itself and is safe. What you see may be old; it is read
      anew when the connection is back.
    </Alert>
  );
}

/** Enter and Esc leave the search of a list, so that the keys of the list are next. */
function leavesSearch({ key, target }: KeyboardEvent): boolean {
  if (key !== 'Enter' && key !== 'Escape') return false;
  if (!(target instanceof HTMLInputElement) || !target.matches('[data-search]')) return false;
  target.blur();
  return true;
}

/** `?` lists the keys, `/` searches the list, Ctrl K everything, `g` and a letter goes. */
function useGlobalKeys(search: () => void, keys: () => void): void {
  const go = useGo();
  useEffect(() => {
    let afterG = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        search();
        return;
      }
      if (leavesSearch(event)) return;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const target = Date.now() - afterG < 1_000 ? GO_KEYS[event.key] : undefined;
      if (target !== undefined) go(target);
      else if (event.key === 'g') afterG = Date.now();
      else if (event.key === '?') keys();
      else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('input[data-search]');
        if (field === null) search();
        else field.focus();
        event.preventDefault();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}
