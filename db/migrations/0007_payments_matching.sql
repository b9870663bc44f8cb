CREATE TABLE "received_papers" (
	"paper" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"file_name" text NOT NULL,
	"media_type" text NOT NULL,
	"content" "bytea" NOT NULL,
	"text" text NOT NULL,
	"read_by" text NOT NULL,
	"understood" jsonb NOT NULL,
	"payment" text,
	"renewal" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "matched_by" text;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "checked_by" text;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "checked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "received_papers" ADD CONSTRAINT "received_papers_payment_payments_payment_fk" FOREIGN KEY ("payment") REFERENCES "public"."payments"("payment") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "received_papers_payment" ON "received_papers" USING btree ("payment");--> statement-breakpoint
CREATE INDEX "invoices_open_account" ON "invoices" USING btree ("account") WHERE "invoices"."balance_minor" <> 0;--> statement-breakpoint
CREATE INDEX "invoices_open_amount" ON "invoices" USING btree ("currency","balance_minor") WHERE "invoices"."balance_minor" <> 0;--> statement-breakpoint
CREATE INDEX "invoices_open_terms" ON "invoices" USING btree ("payment_terms") WHERE "invoices"."balance_minor" <> 0;--> statement-breakpoint
CREATE INDEX "invoices_open_number" ON "invoices" USING btree ((translate(upper(regexp_replace("invoice", '[^A-Za-z0-9]', '', 'g') collate "C"), 'O', '0'))) WHERE "invoices"."balance_minor" <> 0;--> statement-breakpoint
CREATE INDEX "invoices_open_number_shape" ON "invoices" USING btree ((regexp_replace("invoice", '[0-9]', '1', 'g'))) WHERE "invoices"."balance_minor" <> 0;--> statement-breakpoint
CREATE INDEX "invoices_open_contract" ON "invoices" USING btree ((translate(upper(regexp_replace("contract", '[^A-Za-z0-9]', '', 'g') collate "C"), 'O', '0'))) WHERE "invoices"."balance_minor" <> 0;--> statement-breakpoint
CREATE INDEX "invoices_open_contract_shape" ON "invoices" USING btree ((regexp_replace("contract", '[0-9]', '1', 'g'))) WHERE "invoices"."balance_minor" <> 0;--> statement-breakpoint
CREATE INDEX "invoices_open_unusual" ON "invoices" USING btree ("invoice") WHERE "invoices"."balance_minor" <> 0 and ("invoices"."invoice" ~ '[^ -~]' or "invoices"."contract" ~ '[^ -~]');--> statement-breakpoint
CREATE INDEX "payments_state" ON "payments" USING btree ("state","received_on");--> statement-breakpoint
UPDATE "payments" SET "matched_by" = "matching" ->> 'rule' WHERE "state" = 'allocated' AND "matching" ->> 'rule' IS NOT NULL;
