/** Papers that customers send: remittance advices and purchase orders. */
import type { OrderDifference } from '../../domain/papers/order.ts';
import type { AccountRef, Money, UserRef } from './common.ts';

/** How far a paper is read: a scan takes a while, and is asked for again meanwhile. */
export interface PaperState {
  readonly state: 'reading' | 'read' | 'failed';
  readonly words: string;
}
/** A paper that a customer sent, and what was read in it. */
export interface RemittanceView {
  readonly paper: string;
  readonly fileName: string;
  readonly readBy: 'text' | 'mail' | 'pdf' | 'ocr' | '';
  readonly reading: PaperState;
  readonly payer: string | null;
  readonly total: Money | null;
  readonly lines: readonly { readonly invoice: string; readonly amount: Money | null }[];
  readonly payment: string | null;
  /** Payments that it may tell of: same money, not allocated yet. */
  readonly fits: readonly { readonly payment: string; readonly name: string }[];
  readonly createdAt: string;
  readonly text: string;
}
/** One side of a product on a purchase order; null where the paper does not say. */
export interface OrderSide {
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly amount: Money | null;
}
/**
 * POST /api/v1/orders/papers, GET …/orders/papers and …/{paper}: a customer's purchase order, read and compared with the
 * renewal or the year of the contract that it answers. POST answers 202 while it is read: ask …/{paper} again.
 */
export interface OrderPaperView {
  readonly paper: string;
  readonly fileName: string;
  readonly readBy: 'text' | 'mail' | 'pdf' | 'ocr' | '';
  readonly reading: PaperState;
  readonly createdAt: string;
  readonly account: AccountRef | null;
  readonly number: string | null;
  readonly total: Money | null;
  /** The net sum of what it answers. */
  readonly offered: Money | null;
  /** Product by product, with what differs. */
  readonly beside: readonly {
    readonly sku: string | null;
    readonly description: string;
    readonly ordered: OrderSide | null;
    readonly offered: OrderSide | null;
    readonly difference: string | null;
  }[];
  /** POST …/{paper}/accept {number, contract, renew, reason}, …/{paper}/reject {reason} */
  readonly decision: 'accepted' | 'rejected' | null;
  /** The number that went onto the contract. */
  readonly orderNumber: string | null;
  readonly decisionReason: string | null;
  readonly decidedBy: UserRef | null;
  readonly decidedAt: string | null;
  readonly text: string;
  readonly lines: readonly {
    readonly sku: string | null;
    readonly description: string;
    readonly quantity: string | null;
    readonly unitPrice: string | null;
    readonly amount: Money | null;
  }[];
  readonly renewal: string | null;
  readonly contract: string | null;
  readonly differences: readonly OrderDifference[];
  readonly words: string;
}
