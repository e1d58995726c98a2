package dev.herald.api.conversation;

import dev.herald.api.http.Routes;
import dev.herald.api.message.MessageForms;
import dev.herald.conversation.Conversations;
import dev.herald.messagelog.Recents;
import dev.herald.postgres.PgClients;

/** The conversations of users. */
public final class ConversationApi {
    private ConversationApi() {}

    public static void mount(Routes routes, MessageForms forms, PgClients pg) {
        new ConversationRoutes(new Conversations(pg), new Recents(pg), forms).mount(routes);
        new ConversationEdits(pg).mount(routes);
    }
}
