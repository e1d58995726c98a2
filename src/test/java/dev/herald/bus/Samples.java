package dev.herald.bus;

import dev.herald.model.Payload;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Some value of any type that a message may be made of. */
final class Samples {
    private Samples() {}

    static Object of(Type type) {
        if (type instanceof ParameterizedType generic) {
            return ofGeneric(generic);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return ofRecord(plain);
        }
        if (plain.isEnum()) {
            return plain.getEnumConstants()[0];
        }
        return switch (plain.getSimpleName()) {
            case "long" -> 5_000_000_000L;
            case "int" -> 7;
            case "boolean" -> true;
            case "double" -> 0.5;
            case "String" -> "text";
            case "Payload" -> Payload.of("{}");
            case "OptionalInt" -> OptionalInt.of(7);
            case "OptionalLong" -> OptionalLong.of(5_000_000_000L);
            default -> throw new IllegalArgumentException("no sample of " + type + ": give one here");
        };
    }

    private static Object ofGeneric(ParameterizedType generic) {
        Type[] of = generic.getActualTypeArguments();
        return switch (((Class<?>) generic.getRawType()).getSimpleName()) {
            case "List" -> List.of(of(boxed(of[0])));
            case "Set" -> Set.of(of(boxed(of[0])));
            case "Optional" -> Optional.of(of(boxed(of[0])));
            case "Map" -> Map.of(of(boxed(of[0])), of(boxed(of[1])));
            default -> throw new IllegalArgumentException("no sample of " + generic + ": give one here");
        };
    }

    private static Type boxed(Type type) {
        return type == Long.class ? long.class : type == Integer.class ? int.class : type;
    }

    private static Object ofRecord(Class<?> type) {
        RecordComponent[] parts = type.getRecordComponents();
        try {
            return type.getDeclaredConstructor(
                            Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new))
                    .newInstance(Arrays.stream(parts)
                            .map(part -> of(part.getGenericType()))
                            .toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("no sample of " + type + ": give one here", e);
        }
    }
}
