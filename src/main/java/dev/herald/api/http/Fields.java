package dev.herald.api.http;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.Uid;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request field by field. What is wrong is collected, so that one answer names every problem; until then a bad
 * field reads as if it were absent. Fields that nobody asks for are ignored, and null is the same as absent.
 */
public final class Fields {
    private final JsonObject json;
    private final String path;
    private final List<String> problems;

    private Fields(JsonObject json, String path, List<String> problems) {
        this.json = json;
        this.path = path;
        this.problems = problems;
    }

    /** @throws HeraldException (INVALID) with the text of all problems that the form met */
    public static <T> T read(JsonObject json, Function<Fields, T> form) {
        Fields fields = new Fields(json, "", new ArrayList<>());
        T read = form.apply(fields);
        if (!fields.problems.isEmpty()) {
            throw new HeraldException(Failure.INVALID, String.join("; ", fields.problems));
        }
        return read;
    }

    public void refuse(String name, String limit) {
        problems.add(path + name + ": " + limit);
    }

    public boolean has(String name) {
        return raw(name) != null;
    }

    /** The value as the body has it, to be checked by the caller. */
    @Nullable
    public Object raw(String name) {
        return json.getValue(name);
    }

    /** What the reader makes of the field of that name. */
    public <T> Optional<T> ifGiven(String name, Function<String, T> reader) {
        return has(name) ? Optional.of(reader.apply(name)) : Optional.empty();
    }

    /** "" if absent. */
    public String text(String name, int maxBytes) {
        Object value = raw(name);
        String problem = value == null ? "" : textProblem(value, maxBytes);
        if (!problem.isEmpty()) {
            refuse(name, problem);
        }
        return value instanceof String text && problem.isEmpty() ? text : "";
    }

    public String requiredText(String name, int maxBytes) {
        if (!has(name) || (raw(name) instanceof String text && text.isBlank())) {
            refuse(name, "is required");
            return "";
        }
        return text(name, maxBytes);
    }

    /** Required, and by the rules of {@link Uid}. */
    public String uid(String name) {
        int before = problems.size();
        String uid = requiredText(name, Uid.MAX_BYTES);
        String problem = problems.size() > before ? "" : Uid.problem(uid);
        if (!problem.isEmpty()) {
            refuse(name, problem);
        }
        return uid;
    }

    /** Each uid once, in the order of their first mention; none if absent. */
    public Set<String> uids(String name, int max) {
        JsonArray array = array(name, max, " of strings", "uids");
        Set<String> uids = new LinkedHashSet<>();
        for (int i = 0; i < array.size(); i++) {
            String problem = array.getValue(i) instanceof String uid ? Uid.problem(uid) : "must be a string";
            if (!problem.isEmpty()) {
                refuse(name + "[" + i + "]", problem);
                return Set.of();
            }
            uids.add(array.getString(i));
        }
        return uids;
    }

    /** The same, and at least one. */
    public Set<String> requiredUids(String name, int max) {
        int before = problems.size();
        Set<String> uids = uids(name, max);
        if (uids.isEmpty() && problems.size() == before) {
            refuse(name, "is required and must not be empty");
        }
        return uids;
    }

    /**
     * The values of an array, none if it is absent.
     *
     * @param reader empty for a value that is not {@code form}
     */
    public <T> List<T> values(String name, int max, String form, Function<Object, Optional<T>> reader) {
        JsonArray array = array(name, max, "", "items");
        List<T> values = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            Optional<T> value = Optional.ofNullable(array.getValue(i)).flatMap(reader);
            if (value.isEmpty()) {
                refuse(name + "[" + i + "]", "must be " + form);
                return List.of();
            }
            values.add(value.get());
        }
        return values;
    }

    /** From {@code min} to {@code max}. */
    public long number(String name, long min, long max, long absent) {
        Object value = raw(name);
        if (value == null) {
            return absent;
        }
        if ((value instanceof Integer || value instanceof Long)
                && value instanceof Number number
                && number.longValue() >= min
                && number.longValue() <= max) {
            return number.longValue();
        }
        refuse(name, "must be an integer from " + min + " to " + max);
        return absent;
    }

    /** The same for numbers that are small. */
    public int integer(String name, int min, int max, int absent) {
        return (int) number(name, min, max, absent);
    }

    public OptionalInt integerIfGiven(String name, int min, int max) {
        return has(name) ? OptionalInt.of(integer(name, min, max, min)) : OptionalInt.empty();
    }

    /** Required. */
    public long number(String name, long min, long max) {
        if (!has(name)) {
            refuse(name, "is required");
        }
        return number(name, min, max, min);
    }

    /** False if absent. */
    public boolean flag(String name) {
        return flagIfGiven(name).orElse(false);
    }

    /** 0 or 1 as WuKongIM has it, or a JSON boolean. */
    public Optional<Boolean> flagIfGiven(String name) {
        Object value = raw(name);
        if (value instanceof Boolean flag) {
            return Optional.of(flag);
        }
        if (value instanceof Integer bit && (bit == 0 || bit == 1)) {
            return Optional.of(bit == 1);
        }
        if (value != null) {
            refuse(name, "must be 0 or 1");
        }
        return Optional.empty();
    }

    public Optional<JsonObject> objectIfGiven(String name) {
        Object value = raw(name);
        if (value instanceof JsonObject object) {
            return Optional.of(object);
        }
        if (value != null) {
            refuse(name, "must be an object");
        }
        return Optional.empty();
    }

    /** The fields of an object inside this one; none if it is absent. */
    public Fields in(String name) {
        return new Fields(objectIfGiven(name).orElseGet(JsonObject::of), path + name + ".", problems);
    }

    /** An array of objects, each read by the form; required, though it may be empty. */
    public <T> List<T> list(String name, int max, Function<Fields, T> form) {
        if (!has(name)) {
            refuse(name, "must be an array of objects");
        }
        JsonArray array = array(name, max, " of objects", "items");
        List<T> items = new ArrayList<>(array.size());
        for (int i = 0; i < array.size() && problems.isEmpty(); i++) {
            String item = name + "[" + i + "]";
            if (array.getValue(i) instanceof JsonObject object) {
                items.add(form.apply(new Fields(object, path + item + ".", problems)));
            } else {
                refuse(item, "must be an object");
            }
        }
        return items;
    }

    /** Empty if it is absent, or refused. */
    private JsonArray array(String name, int max, String kind, String unit) {
        Object value = raw(name);
        if (value instanceof JsonArray array && array.size() <= max) {
            return array;
        }
        if (value != null) {
            boolean tooLong = value instanceof JsonArray;
            refuse(name, tooLong ? "must not hold more than " + max + " " + unit : "must be an array" + kind);
        }
        return new JsonArray();
    }

    private static String textProblem(Object value, int maxBytes) {
        if (!(value instanceof String text)) {
            return "must be a string";
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
            return "must not be longer than " + maxBytes + " bytes";
        }
        boolean storable = text.chars().allMatch(c -> c >= ' ')
                && StandardCharsets.UTF_8.newEncoder().canEncode(text);
        return storable ? "" : "must not contain control characters";
    }
}
