package dev.herald.bench.net;

import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import io.netty.channel.ChannelHandlerContext;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection of one user; everything happens on the driver's thread. */
public final class Client {

    /** What a scenario does with what a client is given. */
    public interface Listener {
        void received(Client client, Frame frame);

        /** An open connection ended though nobody here closed it. */
        void lost(Client client, String why);
    }

    private final String uid;
    private final int flag;
    private final String token;
    private final Dialect dialect;
    private final Listener listener;
    private final Consumer<Client> ended;
    private final CompletableFuture<Client> opening = new CompletableFuture<>();
    private final Map<Object, Object> notes = new HashMap<>(2);
    private @Nullable ChannelHandlerContext context;
    private boolean closing;

    /**
     * It is not connected, and what it writes goes nowhere, until it is attached to a socket.
     *
     * @param ended told when there is no connection any more, or never was one
     */
    public Client(String uid, int flag, String token, Dialect dialect, Listener listener, Consumer<Client> ended) {
        this.uid = uid;
        this.flag = flag;
        this.token = token;
        this.dialect = dialect;
        this.listener = listener;
        this.ended = ended;
    }

    public String uid() {
        return uid;
    }

    /** What the scenario keeps with this client. */
    public Map<Object, Object> notes() {
        return notes;
    }

    /** Goes out with the next {@link #flush}. */
    public void write(Frame frame) {
        if (context != null) {
            context.write(WsCodec.frame(context, dialect.encode(frame), dialect.isText()), context.voidPromise());
        }
    }

    public void flush() {
        if (context != null) {
            context.flush();
        }
    }

    public boolean isOpen() {
        return opening.isDone() && !opening.isCompletedExceptionally() && context != null;
    }

    public void close() {
        closing = true;
        if (context != null) {
            context.close();
        }
    }

    CompletableFuture<Client> opening() {
        return opening;
    }

    void attach(ChannelHandlerContext connected) {
        context = connected;
    }

    void upgraded() {
        write(dialect.connect(flag, uid, token));
        flush();
    }

    void received(byte[] message) {
        Frame frame = dialect.decode(message);
        if (frame instanceof Frame.ConnAck ack) {
            if (ack.reasonCode() == Reason.SUCCESS.code()) {
                opening.complete(this);
            } else {
                gone("CONNACK with reason " + ack.reasonCode());
            }
        } else if (frame instanceof Frame.BadRequest bad && !opening.isDone()) {
            gone(bad.text());
        } else {
            listener.received(this, frame);
        }
    }

    void gone(String why) {
        if (context != null) {
            context.close();
            context = null;
        }
        ended.accept(this);
        boolean refused = opening.completeExceptionally(new IllegalStateException(uid + ": " + why));
        if (!refused && !closing) {
            listener.lost(this, why);
        }
        closing = true;
    }
}
