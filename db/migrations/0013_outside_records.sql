CREATE TABLE "outside_readings" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"source" text NOT NULL,
	"system" text NOT NULL,
	"state" text NOT NULL,
	"changed_since" timestamp with time zone,
	"from_day" date,
	"as_of" date NOT NULL,
	"place" jsonb,
	"record_count" integer DEFAULT 0 NOT NULL,
	"file_name" text,
	"asked_by" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"reason" text,
	CONSTRAINT "outside_readings_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "outside_records" (
	"source" text NOT NULL,
	"system" text NOT NULL,
	"list" text NOT NULL,
	"id" text NOT NULL,
	"record" jsonb NOT NULL,
	"reading" bigint NOT NULL,
	"read_at" timestamp with time zone NOT NULL,
	CONSTRAINT "outside_records_source_system_list_id_pk" PRIMARY KEY("source","system","list","id")
);
--> statement-breakpoint
ALTER TABLE "outside_records" ADD CONSTRAINT "outside_records_reading_outside_readings_id_fk" FOREIGN KEY ("reading") REFERENCES "public"."outside_readings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "outside_readings_source" ON "outside_readings" USING btree ("source","id");