# frozen_string_literal: true

module AwsLambda
  # How events become objects and results become bytes. Functions may redefine these methods: AWS's names.
  class Marshaller
    class << self
      # raw_request: has `body`, and `[]` for headers
      def marshall_request(raw_request)
        raw_request['Content-Type'] == 'application/json' ? JSON.parse(raw_request.body) : raw_request.body
      end

      # An IO is sent as it is, and with a content type of its own.
      def marshall_response(method_response)
        case method_response
        when StringIO, IO then [method_response, 'application/unknown']
        else method_response.to_json
        end
      end
    end
  end
end
