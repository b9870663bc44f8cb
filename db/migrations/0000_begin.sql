CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"token_hash" text NOT NULL,
	"user" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_keys_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"approval" text PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"action" text NOT NULL,
	"maker" text NOT NULL,
	"checker" text,
	"state" text NOT NULL,
	"shown_hash" text NOT NULL,
	"summary" text NOT NULL,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"decided_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"role" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"reason" text,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bill_run_items" (
	"run" text NOT NULL,
	"item" text NOT NULL,
	"kind" text NOT NULL,
	"decision" text DEFAULT 'include' NOT NULL,
	"reason" text,
	"code" text,
	"entity" text,
	"account" text,
	"contract" text,
	"currency" text,
	"net_minor" bigint DEFAULT 0 NOT NULL,
	"tax_minor" bigint DEFAULT 0 NOT NULL,
	"total_minor" bigint DEFAULT 0 NOT NULL,
	"last_year_net_minor" bigint,
	"last_month_net_minor" bigint,
	"document" jsonb,
	"state" text DEFAULT 'computed' NOT NULL,
	"invoice" text,
	"failure" text,
	CONSTRAINT "bill_run_items_run_item_pk" PRIMARY KEY("run","item")
);
--> statement-breakpoint
CREATE TABLE "bill_runs" (
	"run" text PRIMARY KEY NOT NULL,
	"run_on" date NOT NULL,
	"clock" text,
	"state" text NOT NULL,
	"maker" text,
	"checker" text,
	"shown_hash" text,
	"control" jsonb,
	"warnings" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"reason" text,
	"issued_count" integer DEFAULT 0 NOT NULL,
	"failed_count" integer DEFAULT 0 NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "clock_accounts" (
	"account" text PRIMARY KEY NOT NULL,
	"clock" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clocks" (
	"clock" text PRIMARY KEY NOT NULL,
	"today" date NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "closed_periods" (
	"entity" text NOT NULL,
	"month" text NOT NULL,
	"closed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_by" text NOT NULL,
	CONSTRAINT "closed_periods_entity_month_pk" PRIMARY KEY("entity","month")
);
--> statement-breakpoint
CREATE TABLE "contract_states" (
	"contract" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"words" text NOT NULL,
	"next_step" text,
	"next_step_on" date,
	"needs_attention" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "credit_applications" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"credit_note" text NOT NULL,
	"credit_line" text NOT NULL,
	"invoice" text NOT NULL,
	"line" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"applied_on" date NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "crm_notes" (
	"key" text PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"contract" text,
	"subject" text NOT NULL,
	"body" text NOT NULL,
	"noted_on" date NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"key" text PRIMARY KEY NOT NULL,
	"file_name" text NOT NULL,
	"media_type" text NOT NULL,
	"sha256" text NOT NULL,
	"content" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "effects" (
	"key" text PRIMARY KEY NOT NULL,
	"system" text NOT NULL,
	"input_hash" text NOT NULL,
	"state" text NOT NULL,
	"result" jsonb,
	"attempts" integer DEFAULT 0 NOT NULL,
	"first_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"key" text NOT NULL,
	"user" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer,
	"body" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_user_key_pk" PRIMARY KEY("user","key")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"id" text PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"rows" jsonb NOT NULL,
	"imported_by" text NOT NULL,
	"imported_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inbox_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"event_id" text NOT NULL,
	"kind" text NOT NULL,
	"payload" jsonb NOT NULL,
	"state" text DEFAULT 'stored' NOT NULL,
	"reason" text,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_events_once" UNIQUE("provider","event_id")
);
--> statement-breakpoint
CREATE TABLE "invoice_lines" (
	"invoice" text NOT NULL,
	"line" text NOT NULL,
	"position" integer NOT NULL,
	"contract" text,
	"subcontract" text,
	"entry" text,
	"sku" text,
	"kind" text,
	"description" text,
	"quantity" text,
	"unit_price" text,
	"discount_percent" text,
	"period_start" date,
	"period_end" date,
	"net_minor" bigint NOT NULL,
	"tax_category" text,
	"tax_rate" text,
	"tax_minor" bigint NOT NULL,
	"open_minor" bigint NOT NULL,
	"disputed" boolean DEFAULT false NOT NULL,
	"caught_up" boolean DEFAULT false NOT NULL,
	"explanation" jsonb,
	"imported" jsonb,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "invoice_lines_invoice_line_pk" PRIMARY KEY("invoice","line")
);
--> statement-breakpoint
CREATE TABLE "invoices" (
	"invoice" text PRIMARY KEY NOT NULL,
	"document_key" text,
	"type" text NOT NULL,
	"credits" text,
	"entity" text NOT NULL,
	"account" text NOT NULL,
	"contract" text,
	"run" text,
	"issued_on" date NOT NULL,
	"due_on" date NOT NULL,
	"currency" text NOT NULL,
	"net_minor" bigint NOT NULL,
	"tax_minor" bigint NOT NULL,
	"total_minor" bigint NOT NULL,
	"balance_minor" bigint NOT NULL,
	"state" text NOT NULL,
	"disputed" boolean DEFAULT false NOT NULL,
	"promised_until" date,
	"reminder_stage" integer DEFAULT 0 NOT NULL,
	"po_number" text,
	"payment_terms" text,
	"payment_reference" text,
	"snapshot" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"delivered_at" timestamp with time zone,
	"source" text DEFAULT 'perennial' NOT NULL,
	"imported" jsonb,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invoices_document_key_unique" UNIQUE("document_key"),
	CONSTRAINT "invoices_total" CHECK ("invoices"."net_minor" + "invoices"."tax_minor" = "invoices"."total_minor")
);
--> statement-breakpoint
CREATE TABLE "ledger_entries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"entity" text NOT NULL,
	"posted_on" date NOT NULL,
	"description" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ledger_entries_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "ledger_postings" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"entry" bigint NOT NULL,
	"ledger_account" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"account" text,
	"invoice" text,
	"line" text
);
--> statement-breakpoint
CREATE TABLE "license_keys" (
	"license" text PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"contract" text NOT NULL,
	"subcontract" text NOT NULL,
	"sku" text NOT NULL,
	"edition" text NOT NULL,
	"seats" integer NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_through" date NOT NULL,
	"key" text NOT NULL,
	"cause" text NOT NULL,
	"superseded_by" text,
	"issued_on" date NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mails" (
	"key" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"account" text,
	"contract" text,
	"invoice" text,
	"recipients" text[] NOT NULL,
	"subject" text NOT NULL,
	"message_id" text NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"sent_on" date NOT NULL,
	"sent_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "number_series" (
	"entity" text NOT NULL,
	"series" text NOT NULL,
	"fiscal_year" integer NOT NULL,
	"next_number" integer NOT NULL,
	"last_issued_on" date,
	CONSTRAINT "number_series_entity_series_fiscal_year_pk" PRIMARY KEY("entity","series","fiscal_year")
);
--> statement-breakpoint
CREATE TABLE "payment_allocations" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"payment" text NOT NULL,
	"invoice" text NOT NULL,
	"line" text,
	"amount_minor" bigint NOT NULL,
	"discount_minor" bigint DEFAULT 0 NOT NULL,
	"written_off_minor" bigint DEFAULT 0 NOT NULL,
	"rule" text NOT NULL,
	"imported" jsonb,
	"allocated_on" date NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"payment" text PRIMARY KEY NOT NULL,
	"account" text,
	"received_on" date NOT NULL,
	"amount_minor" bigint NOT NULL,
	"currency" text NOT NULL,
	"method" text,
	"reference" text,
	"payer" text,
	"bank_account" text,
	"state" text NOT NULL,
	"unapplied_minor" bigint NOT NULL,
	"refunded_minor" bigint DEFAULT 0 NOT NULL,
	"lines" jsonb,
	"matching" jsonb,
	"invoice" text,
	"source" text DEFAULT 'perennial' NOT NULL,
	"imported" jsonb,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "renewals" (
	"renewal" text PRIMARY KEY NOT NULL,
	"contract" text NOT NULL,
	"account" text NOT NULL,
	"term_start" date NOT NULL,
	"term_end" date NOT NULL,
	"state" text NOT NULL,
	"currency" text NOT NULL,
	"value_minor" bigint NOT NULL,
	"previous_value_minor" bigint NOT NULL,
	"agreement" jsonb NOT NULL,
	"decided_on" date,
	"decided_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"user" text NOT NULL,
	"csrf_token" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"changed_by" text NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"user" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "timeline_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"contract" text,
	"account" text,
	"happened_on" date NOT NULL,
	"kind" text NOT NULL,
	"words" text NOT NULL,
	"references" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "timeline_events_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"password_hash" text,
	"disabled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"account" text NOT NULL,
	"name" text NOT NULL,
	"parent" text,
	"entity" text,
	"status" text NOT NULL,
	"kind" text,
	"currency" text,
	"language" text,
	"time_zone" text,
	"tax_id" text,
	"tax_category" text,
	"exemption_certificate" text,
	"exemption_expires" date,
	"address_line1" text,
	"address_line2" text,
	"city" text,
	"region" text,
	"postal_code" text,
	"country" text,
	"delivery_country" text,
	"delivery_region" text,
	"billing_email" text,
	"cc_emails" text[],
	"delivery" text,
	"peppol_id" text,
	"buyer_reference" text,
	"payment_terms" text,
	"po_required" boolean,
	"credit_limit" numeric,
	"insolvent_since" date,
	"crm_id" text,
	"accounting_id" text,
	"owner_email" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "accounts_key" UNIQUE NULLS NOT DISTINCT("account")
);
--> statement-breakpoint
CREATE TABLE "amendments" (
	"amendment" text NOT NULL,
	"subcontract" text NOT NULL,
	"kind" text NOT NULL,
	"value" text,
	"effective" date NOT NULL,
	"recorded" date,
	"reason" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "amendments_key" UNIQUE NULLS NOT DISTINCT("amendment")
);
--> statement-breakpoint
CREATE TABLE "campaigns" (
	"campaign" text NOT NULL,
	"name" text NOT NULL,
	"kind" text,
	"url" text,
	"starts" date,
	"ends" date,
	"audience" text[],
	"text" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "campaigns_key" UNIQUE NULLS NOT DISTINCT("campaign")
);
--> statement-breakpoint
CREATE TABLE "contacts" (
	"account" text NOT NULL,
	"email" text NOT NULL,
	"name" text,
	"role" text,
	"receives" text[],
	"marketing_consent" boolean,
	"phone" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "contacts_key" UNIQUE NULLS NOT DISTINCT("account","email")
);
--> statement-breakpoint
CREATE TABLE "contracts" (
	"contract" text NOT NULL,
	"account" text NOT NULL,
	"start" date NOT NULL,
	"end" date NOT NULL,
	"entity" text,
	"currency" text,
	"billing_frequency" text NOT NULL,
	"anchor" date,
	"bill_from" date,
	"lead_months" integer,
	"payment_terms" text,
	"proration" text,
	"reductions" text,
	"grouping" text,
	"price_list" text,
	"discount_percent" numeric,
	"discount_from" date,
	"discount_to" date,
	"minimum" numeric,
	"price_rule" text,
	"uplift_percent" numeric,
	"index" text,
	"uplift_floor" numeric,
	"uplift_cap" numeric,
	"auto_renew" boolean NOT NULL,
	"notice_days" integer,
	"notice_received" date,
	"terminated_on" date,
	"late_charge" text,
	"po_number" text,
	"billing_contact" text,
	"bill_to" text,
	"end_user" text,
	"reseller" text,
	"status" text NOT NULL,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "contracts_key" UNIQUE NULLS NOT DISTINCT("contract")
);
--> statement-breakpoint
CREATE TABLE "entities" (
	"entity" text NOT NULL,
	"legal_name" text,
	"address_line1" text,
	"address_line2" text,
	"city" text,
	"region" text,
	"postal_code" text,
	"country" text,
	"tax_id" text,
	"registration" text,
	"tax_regions" text[],
	"currency" text,
	"time_zone" text,
	"fiscal_year_start" text,
	"bank_name" text,
	"iban" text,
	"bic" text,
	"routing_number" text,
	"account_number" text,
	"remit_to" text,
	"email" text,
	"logo" text,
	"invoice_series" text,
	"next_number" integer,
	"cutover" date,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "entities_key" UNIQUE NULLS NOT DISTINCT("entity")
);
--> statement-breakpoint
CREATE TABLE "incidents" (
	"incident" text NOT NULL,
	"account" text NOT NULL,
	"opened" date NOT NULL,
	"closed" date,
	"sku" text,
	"severity" text,
	"subject" text,
	"minutes" integer,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "incidents_key" UNIQUE NULLS NOT DISTINCT("incident")
);
--> statement-breakpoint
CREATE TABLE "indices" (
	"index" text NOT NULL,
	"month" text NOT NULL,
	"value" numeric NOT NULL,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "indices_key" UNIQUE NULLS NOT DISTINCT("index","month")
);
--> statement-breakpoint
CREATE TABLE "licenses" (
	"license" text NOT NULL,
	"account" text NOT NULL,
	"subcontract" text,
	"sku" text,
	"seats" numeric,
	"valid_from" date,
	"valid_through" date,
	"kind" text,
	"state" text NOT NULL,
	"key" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "licenses_key" UNIQUE NULLS NOT DISTINCT("license")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"order" text NOT NULL,
	"line" text,
	"account" text NOT NULL,
	"sku" text NOT NULL,
	"quantity" numeric NOT NULL,
	"entity" text,
	"opportunity" text,
	"stage" text,
	"closed" date,
	"unit_price" numeric,
	"billing_frequency" text,
	"start" date,
	"term_months" integer,
	"available" date,
	"delivered" date,
	"contract" text,
	"subcontract" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "orders_key" UNIQUE NULLS NOT DISTINCT("order","line")
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"scope" text NOT NULL,
	"id" text NOT NULL,
	"policy" text NOT NULL,
	"value" text NOT NULL,
	"valid_from" date,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "policies_key" UNIQUE NULLS NOT DISTINCT("scope","id","policy","valid_from")
);
--> statement-breakpoint
CREATE TABLE "prices" (
	"price_list" text NOT NULL,
	"sku" text NOT NULL,
	"currency" text NOT NULL,
	"unit_price" numeric NOT NULL,
	"min_quantity" numeric,
	"tier" text,
	"tax" text,
	"valid_from" date,
	"valid_to" date,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "prices_key" UNIQUE NULLS NOT DISTINCT("price_list","sku","currency","min_quantity","valid_from")
);
--> statement-breakpoint
CREATE TABLE "products" (
	"sku" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"unit" text,
	"tax_category" text,
	"tax_class" text,
	"stock" numeric,
	"successor_sku" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "products_key" UNIQUE NULLS NOT DISTINCT("sku")
);
--> statement-breakpoint
CREATE TABLE "promotions" (
	"promotion" text NOT NULL,
	"skus" text[],
	"percent" numeric,
	"amount" numeric,
	"currency" text,
	"valid_from" date,
	"valid_to" date,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "promotions_key" UNIQUE NULLS NOT DISTINCT("promotion")
);
--> statement-breakpoint
CREATE TABLE "quotes" (
	"quote" text NOT NULL,
	"account" text NOT NULL,
	"sku" text NOT NULL,
	"quantity" numeric NOT NULL,
	"unit_price" numeric,
	"valid_until" date,
	"status" text,
	"order" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "quotes_key" UNIQUE NULLS NOT DISTINCT("quote","sku")
);
--> statement-breakpoint
CREATE TABLE "subcontracts" (
	"subcontract" text NOT NULL,
	"contract" text NOT NULL,
	"sku" text NOT NULL,
	"quantity" numeric NOT NULL,
	"unit_price" numeric,
	"discount_percent" numeric,
	"promotion" text,
	"included_quantity" numeric,
	"start" date,
	"end" date,
	"recorded" date,
	"serial" text,
	"status" text NOT NULL,
	"opportunity" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "subcontracts_key" UNIQUE NULLS NOT DISTINCT("subcontract")
);
--> statement-breakpoint
CREATE TABLE "taxes" (
	"country" text NOT NULL,
	"region" text,
	"category" text NOT NULL,
	"tax_class" text,
	"rate" numeric NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"text" text,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "taxes_key" UNIQUE NULLS NOT DISTINCT("country","region","category","tax_class","valid_from")
);
--> statement-breakpoint
CREATE TABLE "timesheets" (
	"entry" text NOT NULL,
	"account" text NOT NULL,
	"date" date NOT NULL,
	"hours" numeric NOT NULL,
	"rate" numeric NOT NULL,
	"currency" text,
	"contract" text,
	"billable" boolean,
	"description" text,
	"approved_on" date,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "timesheets_key" UNIQUE NULLS NOT DISTINCT("entry")
);
--> statement-breakpoint
CREATE TABLE "usage" (
	"event" text NOT NULL,
	"subcontract" text NOT NULL,
	"metric" text NOT NULL,
	"quantity" numeric NOT NULL,
	"at" text NOT NULL,
	"custom" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_id" text,
	"ordinal" bigserial NOT NULL,
	CONSTRAINT "usage_key" UNIQUE NULLS NOT DISTINCT("event")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_users_id_fk" FOREIGN KEY ("user") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bill_run_items" ADD CONSTRAINT "bill_run_items_run_bill_runs_run_fk" FOREIGN KEY ("run") REFERENCES "public"."bill_runs"("run") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clock_accounts" ADD CONSTRAINT "clock_accounts_clock_clocks_clock_fk" FOREIGN KEY ("clock") REFERENCES "public"."clocks"("clock") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credit_applications" ADD CONSTRAINT "credit_applications_credit_note_invoices_invoice_fk" FOREIGN KEY ("credit_note") REFERENCES "public"."invoices"("invoice") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credit_applications" ADD CONSTRAINT "credit_applications_invoice_invoices_invoice_fk" FOREIGN KEY ("invoice") REFERENCES "public"."invoices"("invoice") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_invoice_invoices_invoice_fk" FOREIGN KEY ("invoice") REFERENCES "public"."invoices"("invoice") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_postings" ADD CONSTRAINT "ledger_postings_entry_ledger_entries_id_fk" FOREIGN KEY ("entry") REFERENCES "public"."ledger_entries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_allocations" ADD CONSTRAINT "payment_allocations_payment_payments_payment_fk" FOREIGN KEY ("payment") REFERENCES "public"."payments"("payment") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_allocations" ADD CONSTRAINT "payment_allocations_invoice_invoices_invoice_fk" FOREIGN KEY ("invoice") REFERENCES "public"."invoices"("invoice") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_users_id_fk" FOREIGN KEY ("user") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_user_users_id_fk" FOREIGN KEY ("user") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bill_run_items_contract" ON "bill_run_items" USING btree ("contract");--> statement-breakpoint
CREATE INDEX "credit_applications_note" ON "credit_applications" USING btree ("credit_note");--> statement-breakpoint
CREATE INDEX "credit_applications_invoice" ON "credit_applications" USING btree ("invoice");--> statement-breakpoint
CREATE INDEX "crm_notes_account" ON "crm_notes" USING btree ("account");--> statement-breakpoint
CREATE INDEX "invoice_lines_subcontract" ON "invoice_lines" USING btree ("subcontract");--> statement-breakpoint
CREATE INDEX "invoices_account" ON "invoices" USING btree ("account","state");--> statement-breakpoint
CREATE INDEX "invoices_contract" ON "invoices" USING btree ("contract");--> statement-breakpoint
CREATE INDEX "invoices_run" ON "invoices" USING btree ("run");--> statement-breakpoint
CREATE INDEX "ledger_postings_entry" ON "ledger_postings" USING btree ("entry");--> statement-breakpoint
CREATE INDEX "ledger_postings_invoice" ON "ledger_postings" USING btree ("invoice");--> statement-breakpoint
CREATE INDEX "ledger_postings_account" ON "ledger_postings" USING btree ("ledger_account","account");--> statement-breakpoint
CREATE INDEX "license_keys_subcontract" ON "license_keys" USING btree ("subcontract");--> statement-breakpoint
CREATE INDEX "mails_account" ON "mails" USING btree ("account");--> statement-breakpoint
CREATE INDEX "mails_invoice" ON "mails" USING btree ("invoice");--> statement-breakpoint
CREATE INDEX "payment_allocations_invoice" ON "payment_allocations" USING btree ("invoice");--> statement-breakpoint
CREATE INDEX "payment_allocations_payment" ON "payment_allocations" USING btree ("payment");--> statement-breakpoint
CREATE INDEX "payments_account" ON "payments" USING btree ("account");--> statement-breakpoint
CREATE INDEX "renewals_contract" ON "renewals" USING btree ("contract");--> statement-breakpoint
CREATE INDEX "timeline_contract" ON "timeline_events" USING btree ("contract","happened_on");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree (lower("email"));