CREATE TABLE "account_merges" (
	"account" text PRIMARY KEY NOT NULL,
	"merged_into" text NOT NULL,
	"survivor" text NOT NULL,
	"merged_on" date NOT NULL,
	"merged_by" text NOT NULL,
	"reason" text NOT NULL,
	"moved" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "account_merges_other" CHECK ("account_merges"."account" <> "account_merges"."survivor")
);
--> statement-breakpoint
CREATE INDEX "account_merges_survivor" ON "account_merges" USING btree ("survivor");