/**
 * Who may do what: one table, role × action. Every route names its action; a route without one does not start. That the
 * maker of a run, credit or refund never approves it is a rule about people and holds on top of this table, admins included.
 */
import type { Role } from './types.ts';

export const ROLES = [
  'viewer',
  'support',
  'biller',
  'approver',
  'admin',
  'auditor',
  'service',
] as const satisfies readonly Role[];

/** What everybody who works with bills reads. */
const everybody = 'viewer support biller approver admin auditor service';
/** What bills: facts, runs, money. */
const billing = 'biller admin';
const care = 'support biller admin';

const who = (roles: string): ReadonlySet<Role> => new Set(roles.split(' ') as Role[]);

export const PERMISSIONS = {
  'account:read': who(everybody),
  'account:write': who(`${care} service`),
  'account:merge': who(billing),
  'account:move': who(billing),
  'account:close': who(billing),
  'contact:read': who(everybody),
  'contact:write': who(`${care} service`),
  'product:read': who(everybody),
  'product:write': who(billing),
  'price:read': who(everybody),
  'price:write': who(billing),
  'contract:read': who(everybody),
  'contract:write': who(`${billing} service`),
  'contract:amend': who(`${billing} service`),
  'contract:hold': who(care),
  'contract:terminate': who(billing),
  'contract:resolve': who(billing),
  'renewal:read': who(everybody),
  'renewal:decide': who(billing),
  'bill-run:read': who(everybody),
  'bill-run:preview': who('biller approver admin auditor'),
  'bill-run:start': who(billing),
  'bill-run:review': who(billing),
  'bill-run:submit': who(billing),
  'bill-run:approve': who('approver admin'),
  'invoice:read': who(everybody),
  'invoice:resend': who(care),
  /** Retries what waits for a person, as `contract:resolve` does. */
  'mail:send-again': who(billing),
  'invoice:promise': who(care),
  'invoice:dispute': who(care),
  'invoice:credit': who(billing),
  'invoice:void': who(billing),
  'payment:read': who(everybody),
  'payment:create': who(`${billing} service`),
  'payment:import': who(`${billing} service`),
  'payment:allocate': who(billing),
  'payment:refund': who(billing),
  'license:read': who(everybody),
  'license:reveal': who(care),
  'license:reissue': who(care),
  'license:evaluate': who(care),
  'ledger:close': who(billing),
  'ledger:reopen': who('approver admin'),
  'license:grant-grace': who(care),
  'correction:read': who(everybody),
  'correction:decide': who(care),
  'finding:read': who('viewer biller approver admin auditor'),
  'finding:look': who(`${billing} approver service`),
  'finding:assign': who('support biller approver admin'),
  'finding:accept': who(billing),
  'finding:act': who(billing),
  'report:read': who(everybody),
  'approval:read': who('biller approver admin auditor'),
  'approval:decide': who('approver admin'),
  'import:read': who('biller approver admin auditor'),
  'import:write': who(billing),
  'export:read': who('biller admin auditor'),
  'event:read': who('biller admin auditor'),
  'audit:read': who('admin auditor'),
  'clock:read': who('biller approver admin auditor'),
  'clock:write': who(billing),
  'user:read': who('admin auditor'),
  'user:write': who('admin'),
  'key:read': who('admin auditor'),
  'key:write': who('admin'),
  'settings:read': who('biller approver admin auditor'),
  'settings:write': who('admin'),
} as const satisfies Record<string, ReadonlySet<Role>>;

export type Action = keyof typeof PERMISSIONS;

/** What a route declares: an action, any signed-in person, or nobody in particular (a login page, a signed link). */
export type RoutePermission = Action | 'signed-in' | 'public';

export const ACTIONS = Object.keys(PERMISSIONS) as Action[];

export function may(role: Role, action: Action): boolean {
  return (PERMISSIONS[action] as ReadonlySet<Role>).has(role);
}

export const actionsOf = (role: Role): Action[] => ACTIONS.filter((action) => may(role, action));
