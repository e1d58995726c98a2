package dev.herald.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.herald.bus.message.BusMessage;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The bytes between nodes, as earlier versions wrote them. The bytes of a line are never changed: a record that gains a
 * field keeps its old line, whose text says what they mean now, and gets a further one.
 */
class BusCodecTest {
    private static final CBORMapper CBOR = new CBORMapper();

    private final BusCodec codec = new BusCodec();

    private record Golden(String type, byte[] bytes, String text) {}

    @TestFactory
    Stream<DynamicTest> bytes_of_any_version_are_understood() {
        return golden().stream()
                .map(line -> DynamicTest.dynamicTest(
                        line.type(), () -> assertThat(decode(line.bytes())).hasToString(line.text())));
    }

    @TestFactory
    Stream<DynamicTest> the_newest_bytes_are_what_is_written() {
        Map<String, Golden> newest = new TreeMap<>();
        golden().forEach(line -> newest.put(line.type(), line));
        return newest.values().stream()
                .map(line -> DynamicTest.dynamicTest(line.type(), () -> assertThat(hex(encode(decode(line.bytes()))))
                        .isEqualTo(hex(line.bytes()))));
    }

    @TestFactory
    Stream<DynamicTest> every_record_can_be_sent() {
        return BusCodec.types().values().stream()
                .map(type -> DynamicTest.dynamicTest(type.getSimpleName(), () -> {
                    BusMessage message = (BusMessage) Samples.of(type);
                    assertThat(decode(encode(message))).isEqualTo(message);
                }));
    }

    @Test
    void every_record_that_goes_between_nodes_has_its_bytes() {
        Set<String> known = golden().stream().map(Golden::type).collect(Collectors.toSet());
        String missing = betweenNodes()
                .filter(type -> !known.contains(type.getSimpleName()))
                .map(type -> line((BusMessage) Samples.of(type)))
                .distinct()
                .sorted()
                .collect(Collectors.joining("\n"));
        assertThat(missing).as("lines to add to bus/golden.txt").isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> a_field_of_a_later_version_is_passed_over() {
        return golden().stream()
                .map(line -> DynamicTest.dynamicTest(
                        line.type(), () -> assertThat(decode(withField(line))).hasToString(line.text())));
    }

    @Test
    void a_record_of_a_later_version_is_refused() {
        assertRefused(frame(BusCodec.VERSION, "Teleport", new byte[] {(byte) 0xa0}), "unknown message Teleport");
    }

    @Test
    void a_constant_of_a_later_version_is_refused_and_none_is_taken_for_it() throws IOException {
        Map<String, Object> fields = Map.of("id", 7, "uid", "ann", "reason", "CLOSE");
        assertThat(decode(frame(BusCodec.VERSION, "EndSession", CBOR.writeValueAsBytes(fields))))
                .isEqualTo(new EndSession(7, "ann", EndReason.CLOSE));

        // {"id": 7, "uid": "ann", "reason": "VANISHED"}
        byte[] later = HexFormat.of().parseHex("a3626964076375696463616e6e66726561736f6e6856414e4953484544");
        assertRefused(frame(BusCodec.VERSION, "EndSession", later), "unknown constant VANISHED in EndSession");
    }

    @Test
    void another_version_of_the_form_is_refused() {
        assertRefused(frame(2, "Done", new byte[] {(byte) 0xa0}), "unknown version 2");
    }

    @Test
    void fields_that_are_no_fields_are_refused() {
        assertRefused(frame(BusCodec.VERSION, "Done", new byte[] {1}), "unknown form of Done");
    }

    private String line(BusMessage message) {
        return message.getClass().getSimpleName() + " " + hex(encode(message)) + " " + message;
    }

    private void assertRefused(byte[] bytes, String text) {
        assertThatThrownBy(() -> decode(bytes))
                .isInstanceOfSatisfying(HeraldException.class, refused -> assertThat(refused.failure())
                        .isEqualTo(Failure.INVALID))
                .hasMessage(text);
    }

    /** A message stands somewhere in a buffer. */
    private BusMessage decode(byte[] bytes) {
        return codec.decodeFromWire(3, Buffer.buffer(new byte[3]).appendBytes(bytes));
    }

    private byte[] encode(BusMessage message) {
        Buffer buffer = Buffer.buffer();
        codec.encodeToWire(buffer, message);
        return buffer.getBytes();
    }

    private static byte[] withField(Golden line) throws IOException {
        int start = 2 + line.type().length() + 4;
        ObjectNode fields = (ObjectNode) CBOR.readTree(line.bytes(), start, line.bytes().length - start);
        fields.putObject("zzz").put("new", 1);
        return frame(BusCodec.VERSION, line.type(), CBOR.writeValueAsBytes(fields));
    }

    private static byte[] frame(int version, String type, byte[] fields) {
        return Buffer.buffer()
                .appendByte((byte) version)
                .appendUnsignedByte((short) type.length())
                .appendString(type)
                .appendInt(fields.length)
                .appendBytes(fields)
                .getBytes();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** What the addresses that other nodes can reach are asked, and what they answer. */
    private static Stream<Class<?>> betweenNodes() {
        return Arrays.stream(Addresses.class.getDeclaredFields())
                .filter(field -> field.getType() == Address.class && scopeOf(field) != Scope.LOCAL)
                .flatMap(field -> Arrays.stream(((ParameterizedType) field.getGenericType()).getActualTypeArguments()))
                .map(type -> (Class<?>) type);
    }

    private static Scope scopeOf(Field address) {
        try {
            return ((Address<?, ?>) address.get(null)).scope();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each line: the record's name, its bytes in hexadecimal, and its text. */
    private static List<Golden> golden() {
        List<Golden> lines = new ArrayList<>();
        try (InputStream in = BusCodecTest.class.getResourceAsStream("/bus/golden.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] parts = line.split(" ", 3);
                lines.add(new Golden(parts[0], HexFormat.of().parseHex(parts[1]), parts[2]));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }
}
