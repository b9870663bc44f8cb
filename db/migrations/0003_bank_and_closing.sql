CREATE TABLE "bank_statements" (
	"statement" text PRIMARY KEY NOT NULL,
	"bank_account" text NOT NULL,
	"currency" text NOT NULL,
	"opening_minor" bigint,
	"closing_minor" bigint,
	"closing_on" date NOT NULL,
	"import_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "closed_days" (
	"entity" text PRIMARY KEY NOT NULL,
	"closed_through" date NOT NULL,
	"closed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payer_accounts" (
	"bank_account" text NOT NULL,
	"account" text NOT NULL,
	"payment" text NOT NULL,
	"learnt_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "payer_accounts_bank_account_account_pk" PRIMARY KEY("bank_account","account")
);
--> statement-breakpoint
CREATE INDEX "bank_statements_account" ON "bank_statements" USING btree ("bank_account","closing_on");
--> statement-breakpoint
-- Nothing is posted into a closed month or day: what belongs there goes to the first open day (billing rules §10).
CREATE FUNCTION ledger_period_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM closed_periods
              WHERE entity = NEW.entity AND month = to_char(NEW.posted_on, 'YYYY-MM'))
     OR EXISTS (SELECT 1 FROM closed_days
                 WHERE entity = NEW.entity AND closed_through >= NEW.posted_on) THEN
    RAISE EXCEPTION '% of % is closed: % cannot be posted there', NEW.posted_on, NEW.entity, NEW.key
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_period_is_open BEFORE INSERT ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION ledger_period_is_open();
