import * as z from "zod";

/** Schemas that the OpenAPI document names, by their names. */
export const COMPONENTS: z.core.$ZodRegistry<{ id: string }> = z.registry<{ id: string }>();

/** A type without `readonly`, which JSON does not know; interfaces become what a schema infers. */
type Plain<Type> = { -readonly [Key in keyof Type]: Plain<Type[Key]> };

/** Whether two types are the same, also in what is optional: being assignable in both directions is not enough for that. */
type IsSame<One, Other> =
  (<Probe>() => Probe extends One ? 1 : 2) extends <Probe>() => Probe extends Other ? 1 : 2 ? true : false;

/** The schema itself where it describes exactly `Type`; otherwise nothing fits, and the program does not compile. */
export type Exactly<Type, Schema extends z.ZodType> =
  IsSame<Plain<z.infer<Schema>>, Plain<Type>> extends true ? Schema : never;

/** Names a schema for the OpenAPI document and describes it. */
export function named<Schema extends z.ZodType>(id: string, description: string, schema: Schema): Schema {
  const described = schema.describe(description);
  (described as z.ZodType).register(COMPONENTS, { id });
  return described;
}

/**
 * The same for a schema that compiles only if it describes exactly the type, in two calls because one of them is stated and the
 * other inferred: `component<Reason>()("Reason", "What it is.", z.object({ … }))`.
 */
export function component<Type>(): <Schema extends z.ZodType>(
  id: string,
  description: string,
  schema: Exactly<Type, Schema>,
) => z.ZodType<Type> {
  return (id, description, schema) => named(id, description, schema) as unknown as z.ZodType<Type>;
}
