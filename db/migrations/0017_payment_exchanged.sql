ALTER TABLE "payments" ADD COLUMN "exchanged_from_minor" bigint;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "exchanged_from_currency" text;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_exchanged" CHECK (("payments"."exchanged_from_minor" is null) = ("payments"."exchanged_from_currency" is null));