CREATE TABLE "collections" (
	"collection" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"provider" text NOT NULL,
	"invoice" text NOT NULL,
	"account" text NOT NULL,
	"ordinal" integer NOT NULL,
	"reference" text,
	"method" text,
	"amount_minor" bigint NOT NULL,
	"currency" text NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"asked_on" date NOT NULL,
	"next_on" date,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payment_methods" (
	"method" text PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"account" text NOT NULL,
	"customer" text NOT NULL,
	"kind" text NOT NULL,
	"label" text NOT NULL,
	"state" text NOT NULL,
	"added_on" date NOT NULL,
	"removed_on" date,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_invoice_invoices_invoice_fk" FOREIGN KEY ("invoice") REFERENCES "public"."invoices"("invoice") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "collections_invoice" ON "collections" USING btree ("invoice");--> statement-breakpoint
CREATE INDEX "collections_reference" ON "collections" USING btree ("reference");--> statement-breakpoint
CREATE INDEX "payment_methods_account" ON "payment_methods" USING btree ("account","state");--> statement-breakpoint
CREATE INDEX "invoice_lines_contract" ON "invoice_lines" USING btree ("contract");