package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.wire.Frame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Connects many clients, so many at once; all must get in. */
public final class Crowd {
    static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int PROGRESS_EACH = 2_000;

    private final World world;
    private final Result result;
    private final Client.Listener listener;
    private final List<Client> open = new ArrayList<>();
    private int begun;
    private int settled;

    public Crowd(World world, Result result, Client.Listener listener) {
        this.world = world;
        this.result = result;
        this.listener = listener;
    }

    /** Returns when all are in, or have failed and the result says so. */
    public List<Client> connect(int count, int atOnce, IntFunction<String> uid) {
        world.loop().run(() -> {
            for (int i = 0; i < Math.min(atOnce, count); i++) {
                next(count, uid);
            }
        });
        if (!world.loop().await(PATIENCE, () -> settled == count)) {
            throw new IllegalStateException(settled + " of " + count + " clients connected in " + PATIENCE);
        }
        return open;
    }

    private void next(int count, IntFunction<String> uid) {
        if (begun == count) {
            return;
        }
        String name = uid.apply(begun++);
        world.sockets().open(name, 0, listener).whenComplete((client, failed) -> {
            settled++;
            if (failed == null) {
                open.add(client);
            } else {
                result.problem("login: " + failed.getMessage());
            }
            if (settled % PROGRESS_EACH == 0) {
                world.say(settled + " of " + count + " connected");
            }
            next(count, uid);
        });
    }

    /** A client that does as it should and no more: it acknowledges what it receives. */
    public static Client.Listener quiet(Result result) {
        return new Client.Listener() {
            @Override
            public void received(Client client, Frame frame) {
                if (frame instanceof Frame.Recv recv) {
                    client.write(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
                } else if (frame instanceof Frame.Disconnect disconnect) {
                    result.problem(client.uid() + " was kicked: " + disconnect.reason());
                }
            }

            @Override
            public void lost(Client client, String why) {
                result.problem(client.uid() + ": " + why);
            }
        };
    }
}
