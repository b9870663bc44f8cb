-- Rules that hold whatever code writes: entries balance, documents do not change, the audit trail only grows.

-- Σ amount of an entry is zero per currency, checked when the transaction commits (billing rules §10).
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  unbalanced record;
  entry_id bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.entry ELSE NEW.entry END;
BEGIN
  SELECT currency, sum(amount_minor) AS total INTO unbalanced
    FROM ledger_postings WHERE entry = entry_id GROUP BY currency HAVING sum(amount_minor) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger entry % does not balance: % % left over', entry_id, unbalanced.total, unbalanced.currency
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT OR UPDATE OR DELETE ON ledger_postings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
--> statement-breakpoint
-- Whether this transaction is the removal of that account's rehearsal (db/queries/clocks.ts): nothing else may delete.
CREATE FUNCTION removing_rehearsal(of_account text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('perennial.removing_clock', true), '') <> '' AND EXISTS (
    SELECT 1 FROM clock_accounts
     WHERE account = of_account AND clock = current_setting('perennial.removing_clock', true))
$$;
--> statement-breakpoint
-- Of an issued document only state, balance, dispute, promise, reminder stage and delivery move.
CREATE FUNCTION invoices_do_not_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moving CONSTANT text[] := ARRAY['state', 'balance_minor', 'disputed', 'promised_until', 'reminder_stage',
    'delivered_at', 'imported'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF removing_rehearsal(OLD.account) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'document % was issued: it is never deleted', OLD.invoice USING ERRCODE = 'restrict_violation';
  END IF;
  IF to_jsonb(NEW) - moving <> to_jsonb(OLD) - moving THEN
    RAISE EXCEPTION 'document % was issued: it never changes, corrections are credit notes', OLD.invoice
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.imported IS DISTINCT FROM OLD.imported AND OLD.source = 'perennial' THEN
    RAISE EXCEPTION 'document % is our own: it has no imported row', OLD.invoice USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER invoices_do_not_change BEFORE UPDATE OR DELETE ON invoices
  FOR EACH ROW EXECUTE FUNCTION invoices_do_not_change();
--> statement-breakpoint
CREATE FUNCTION invoice_lines_do_not_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moving CONSTANT text[] := ARRAY['open_minor', 'disputed'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM invoices i WHERE i.invoice = OLD.invoice AND removing_rehearsal(i.account)) THEN
      RETURN OLD;
    END IF;
    RAISE EXCEPTION 'line % of % was issued: it is never deleted', OLD.line, OLD.invoice
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF to_jsonb(NEW) - moving <> to_jsonb(OLD) - moving THEN
    RAISE EXCEPTION 'line % of % was issued: only its open amount changes', OLD.line, OLD.invoice
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER invoice_lines_do_not_change BEFORE UPDATE OR DELETE ON invoice_lines
  FOR EACH ROW EXECUTE FUNCTION invoice_lines_do_not_change();
--> statement-breakpoint
-- Postings are final: a mistake is reversed by another entry.
CREATE FUNCTION ledger_does_not_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND coalesce(current_setting('perennial.removing_clock', true), '') <> '' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the ledger only grows: reverse an entry by another one' USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_postings_do_not_change BEFORE UPDATE OR DELETE ON ledger_postings
  FOR EACH ROW EXECUTE FUNCTION ledger_does_not_change();
--> statement-breakpoint
CREATE TRIGGER ledger_entries_do_not_change BEFORE UPDATE OR DELETE ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION ledger_does_not_change();
--> statement-breakpoint
CREATE FUNCTION audit_events_do_not_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail only grows' USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_events_do_not_change BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION audit_events_do_not_change();
--> statement-breakpoint
CREATE TRIGGER audit_events_are_not_truncated BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION audit_events_do_not_change();
