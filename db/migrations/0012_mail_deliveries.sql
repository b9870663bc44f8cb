CREATE TABLE "mail_deliveries" (
	"mail" text NOT NULL,
	"address" text NOT NULL,
	"state" text NOT NULL,
	"status" text,
	"reason" text,
	"happened_at" timestamp with time zone NOT NULL,
	"source" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "mail_deliveries_mail_address_pk" PRIMARY KEY("mail","address")
);
--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN "attempted_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN "provider_id" text;--> statement-breakpoint
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_mail_mails_key_fk" FOREIGN KEY ("mail") REFERENCES "public"."mails"("key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mail_deliveries_address" ON "mail_deliveries" USING btree ("address");--> statement-breakpoint
CREATE INDEX "mails_message_id" ON "mails" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "mails_provider_id" ON "mails" USING btree ("provider_id");