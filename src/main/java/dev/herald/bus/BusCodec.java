package dev.herald.bus;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.herald.bus.message.BusMessage;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.Payload;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Inside a process messages go by reference, since they are immutable. Between nodes a message is a version byte, the
 * name of its record (length byte, ASCII) and the record's fields as CBOR (RFC 8949), after their length (four bytes).
 *
 * <p>Two adjacent versions of Herald share a bus during an update: records gain fields only, a field that is not known
 * is passed over, one that is missing is null or 0. A record that is not known is refused, and so is one with a
 * constant that is not: what the sender meant cannot be guessed, and what a message was to tell is found by its
 * reader's sweep.
 */
final class BusCodec implements MessageCodec<BusMessage, BusMessage> {
    static final String NAME = "herald";
    static final byte VERSION = 1;

    private static final Map<String, Class<? extends BusMessage>> TYPES =
            records(BusMessage.class).collect(Collectors.toUnmodifiableMap(Class::getSimpleName, Function.identity()));

    private static final ObjectMapper CBOR = CBORMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new SimpleModule()
                    .addSerializer(new PayloadWriter())
                    .addDeserializer(Payload.class, new PayloadReader()))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .visibility(PropertyAccessor.GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .build();

    /** Every record that may be sent. */
    static Map<String, Class<? extends BusMessage>> types() {
        return TYPES;
    }

    @Override
    public BusMessage transform(BusMessage message) {
        return message;
    }

    @Override
    public void encodeToWire(Buffer buffer, BusMessage message) {
        byte[] name = message.getClass().getSimpleName().getBytes(StandardCharsets.US_ASCII);
        try {
            byte[] fields = CBOR.writeValueAsBytes(message);
            buffer.appendByte(VERSION).appendUnsignedByte((short) name.length).appendBytes(name);
            buffer.appendInt(fields.length).appendBytes(fields);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws HeraldException with {@link Failure#INVALID} if another version means something that this one does not know */
    @Override
    public BusMessage decodeFromWire(int position, Buffer buffer) {
        byte version = buffer.getByte(position);
        if (version != VERSION) {
            throw invalid("version " + version, null);
        }
        int length = buffer.getUnsignedByte(position + 1);
        int end = position + 2 + length;
        String name = buffer.getString(position + 2, end, StandardCharsets.US_ASCII.name());
        Class<? extends BusMessage> type = TYPES.get(name);
        if (type == null) {
            throw invalid("message " + name, null);
        }
        try {
            return CBOR.readValue(buffer.getBytes(end + 4, end + 4 + buffer.getInt(end)), type);
        } catch (InvalidFormatException e) {
            throw invalid((e.getTargetType().isEnum() ? "constant " + e.getValue() + " in " : "form of ") + name, e);
        } catch (IOException | RuntimeException e) {
            throw invalid("form of " + name, e);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }

    private static HeraldException invalid(String what, @Nullable Throwable cause) {
        return new HeraldException(Failure.INVALID, "unknown " + what, cause);
    }

    @SuppressWarnings("unchecked")
    private static Stream<Class<? extends BusMessage>> records(Class<?> family) {
        return family.isRecord()
                ? Stream.of((Class<? extends BusMessage>) family)
                : Stream.of(family.getPermittedSubclasses()).flatMap(BusCodec::records);
    }

    private static final class PayloadWriter extends StdSerializer<Payload> {
        PayloadWriter() {
            super(Payload.class);
        }

        @Override
        public void serialize(Payload payload, JsonGenerator to, SerializerProvider provider) throws IOException {
            to.writeBinary(payload.bytes());
        }
    }

    private static final class PayloadReader extends StdDeserializer<Payload> {
        PayloadReader() {
            super(Payload.class);
        }

        @Override
        public Payload deserialize(JsonParser from, DeserializationContext context) throws IOException {
            return Payload.of(from.getBinaryValue());
        }
    }
}
