CREATE TABLE "vat_validations" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"vat_number" text NOT NULL,
	"answer" text NOT NULL,
	"checked_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "vat_validations_number" ON "vat_validations" USING btree ("vat_number","checked_at");