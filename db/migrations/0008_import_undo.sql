CREATE TABLE "import_before" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"import_id" text NOT NULL,
	"table_name" text NOT NULL,
	"row" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "row_hashes" jsonb;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "undone_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "undone_by" text;--> statement-breakpoint
CREATE INDEX "import_before_import" ON "import_before" USING btree ("import_id","table_name");--> statement-breakpoint
-- Whether this transaction takes back the import that the row came with (db/queries/import-undo.ts): our own documents never.
CREATE FUNCTION undoing_import(of_source text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('perennial.undoing_import', true), '') = of_source
     AND of_source NOT IN ('', 'perennial')
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION invoices_do_not_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moving CONSTANT text[] := ARRAY['state', 'balance_minor', 'disputed', 'promised_until', 'reminder_stage',
    'delivered_at', 'imported'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF removing_rehearsal(OLD.account) OR undoing_import(OLD.source) THEN RETURN OLD; END IF;
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
CREATE OR REPLACE FUNCTION invoice_lines_do_not_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moving CONSTANT text[] := ARRAY['open_minor', 'disputed'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM invoices i WHERE i.invoice = OLD.invoice
        AND (removing_rehearsal(i.account) OR undoing_import(i.source))) THEN
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
-- Of an import that is taken back, the opening entries go with their documents: its books never began.
CREATE OR REPLACE FUNCTION ledger_does_not_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND coalesce(current_setting('perennial.removing_clock', true), '') <> '' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'DELETE' AND coalesce(current_setting('perennial.undoing_import', true), '') <> '' THEN
    IF TG_TABLE_NAME = 'ledger_entries' THEN
      IF to_jsonb(OLD)->>'key' LIKE 'opening:%' THEN RETURN OLD; END IF;
    ELSIF EXISTS (SELECT 1 FROM ledger_entries e
        WHERE e.id = (to_jsonb(OLD)->>'entry')::bigint AND e.key LIKE 'opening:%') THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the ledger only grows: reverse an entry by another one' USING ERRCODE = 'restrict_violation';
END $$;
