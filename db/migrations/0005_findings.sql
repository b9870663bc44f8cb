CREATE TABLE "finding_checks" (
	"comparison" text PRIMARY KEY NOT NULL,
	"checked_on" date,
	"checked_at" timestamp with time zone,
	"failed_at" timestamp with time zone,
	"cause" text
);
--> statement-breakpoint
CREATE TABLE "finding_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"finding" bigint NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"happened_on" date NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"reason" text,
	"open_minor" bigint NOT NULL,
	"recovered_minor" bigint DEFAULT 0 NOT NULL,
	"prevented_minor" bigint DEFAULT 0 NOT NULL,
	"corrected_minor" bigint DEFAULT 0 NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "finding_passes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"cause" text NOT NULL,
	"as_of" date NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_count" integer NOT NULL,
	"new_count" integer NOT NULL,
	"closed_count" integer NOT NULL,
	"unchecked_count" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "finding_questions" (
	"question" text PRIMARY KEY NOT NULL,
	"finding" bigint NOT NULL,
	"recipient" text NOT NULL,
	"words" text NOT NULL,
	"asked_by" text NOT NULL,
	"asked_on" date NOT NULL,
	"answer" text,
	"answered_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"rule" text NOT NULL,
	"severity" text NOT NULL,
	"account" text,
	"contract" text,
	"subcontract" text,
	"currency" text,
	"amount_minor" bigint NOT NULL,
	"told" jsonb NOT NULL,
	"state" text NOT NULL,
	"owner" text,
	"reason" text,
	"accepted_until" date,
	"open_minor" bigint NOT NULL,
	"found_minor" bigint NOT NULL,
	"recovered_minor" bigint NOT NULL,
	"prevented_minor" bigint NOT NULL,
	"corrected_minor" bigint NOT NULL,
	"issued_minor" bigint,
	"times_found" integer NOT NULL,
	"first_found_on" date NOT NULL,
	"last_seen_on" date NOT NULL,
	"resolved_on" date,
	CONSTRAINT "findings_key_unique" UNIQUE("key"),
	CONSTRAINT "findings_money" CHECK ("findings"."found_minor" = "findings"."open_minor" + "findings"."recovered_minor" + "findings"."prevented_minor" + "findings"."corrected_minor")
);
--> statement-breakpoint
ALTER TABLE "finding_events" ADD CONSTRAINT "finding_events_finding_findings_number_fk" FOREIGN KEY ("finding") REFERENCES "public"."findings"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "finding_questions" ADD CONSTRAINT "finding_questions_finding_findings_number_fk" FOREIGN KEY ("finding") REFERENCES "public"."findings"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "finding_events_finding" ON "finding_events" USING btree ("finding","id");--> statement-breakpoint
CREATE INDEX "finding_questions_finding" ON "finding_questions" USING btree ("finding");--> statement-breakpoint
CREATE INDEX "findings_state" ON "findings" USING btree ("state","rule");--> statement-breakpoint
CREATE INDEX "findings_account" ON "findings" USING btree ("account");--> statement-breakpoint
CREATE INDEX "findings_contract" ON "findings" USING btree ("contract");