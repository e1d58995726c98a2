package dev.herald.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.wire.binary.BinaryProtocol;
import dev.herald.wire.binary.ClientCodec;
import dev.herald.wire.binary.SharedRecv;
import dev.herald.wire.json.JsonRpcProtocol;
import dev.herald.wire.json.SharedNotification;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SharedRecvProperties {
    private static final int BOUND = 1 << 20;

    @Property(tries = 200)
    void connections_of_one_thread_write_messages_as_each_would_alone(
            @ForAll("two") List<Frame.Recv> messages,
            @ForAll @IntRange(max = 255) int version,
            @ForAll @Size(max = 20) List<@IntRange(max = 7) Integer> writes) {
        List<Protocol> sharing = connections(version, new SharedRecv(), new SharedNotification());

        for (int write : writes) {
            Frame.Recv message = messages.get(write % 2);
            Protocol alone = connections(version, new SharedRecv(), new SharedNotification())
                    .get(write / 2);
            assertThat(sharing.get(write / 2).write(message)).isEqualTo(alone.write(message));
        }
    }

    @Provide
    Arbitrary<List<Frame.Recv>> two() {
        return AnyFrame.recv().list().ofSize(2).uniqueElements();
    }

    private static List<Protocol> connections(int version, SharedRecv shared, SharedNotification notification) {
        return List.of(
                binary(2, shared),
                binary(5, shared),
                binary(version, shared),
                new JsonRpcProtocol(BOUND, notification));
    }

    private static Protocol binary(int version, SharedRecv shared) {
        Protocol protocol = new BinaryProtocol(BOUND, new FixedRandom(1), shared);
        ClientCodec client = new ClientCodec(version, new FixedRandom(2));
        Feed.into(protocol, List.of(client.encode(client.connect(1, "d", "u1", "", Feed.NOW))));
        return protocol;
    }
}
